/** What an administrator sees and mends. */
import { faults } from '../lib/accessibility.mjs';
import { shootAll, visitor } from '../lib/browser.mjs';
import { assertEqual } from '../lib/report.mjs';
import { settings } from '../lib/settings.mjs';
import { newPerson, signIn, signUp } from './people.mjs';

export async function administration(story, browser) {
  if (!settings.admin) {
    story.skip('an administrator finds accounts, changes and suspends them', 'SLUICE_ADMIN_EMAIL is not set');
    return;
  }
  const page = await visitor(story, browser);
  const person = newPerson();
  const other = await visitor(story, browser);

  await story.promise('everybody else is told that the page is not theirs', async () => {
    await signUp(other, person);
    await other.waitForURL('**/studio');
    await other.goto('/admin/accounts');
    await other.getByRole('heading', { level: 1, name: 'Only administrators can see this page' }).waitFor();
  });

  await story.promise('an account is found by a part of its name', async () => {
    await page.goto('/admin/accounts');
    await signIn(page, settings.admin);
    await page.getByLabel('Search by name or e-mail address').fill(person.tag);
    await page.getByRole('row', { name: new RegExp(person.tag) }).waitFor();
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
    assertEqual(await faults(page), [], 'accessibility');
  });

  await story.promise('a role is changed, and the change taken back', async () => {
    const role = page.getByLabel(`Role of ${person.name}`);
    await role.selectOption('viewer');
    await page.getByText(`${person.name} is now a viewer.`).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.waitForFunction(() => document.querySelector('tbody select')?.value === 'streamer');
  });

  await story.promise('a suspended account is out, until it is let in again', async () => {
    await page.getByRole('button', { name: 'Suspend', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Suspend the account' }).click();
    await page.getByText(`${person.name} is suspended.`).waitFor();
    await other.goto('/login');
    await signIn(other, person);
    await other
      .getByRole('alert')
      .getByText(/suspended/i)
      .waitFor();
    await page.getByRole('button', { name: 'Let in again' }).click();
    await page.getByRole('button', { name: 'Suspend', exact: true }).waitFor();
  });

  await story.promise('channels and live shows are listed', async () => {
    await shootAll(page, 'admin-accounts');
    await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Channels' }).click();
    await page.getByRole('heading', { level: 1, name: 'Channels' }).waitFor();
    await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Live now' }).click();
    await page.getByRole('heading', { level: 1, name: 'Live now' }).waitFor();
  });

  await story.promise('the storage page says how full the disks are and where the segments lie', async () => {
    await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Storage' }).click();
    await page.getByRole('heading', { level: 1, name: 'Storage' }).waitFor();
    await page.getByRole('heading', { level: 2, name: 'What is kept' }).waitFor();
    assertEqual(await faults(page), [], 'accessibility');
    await shootAll(page, 'admin-storage');
    assertEqual(page.complaints, [], 'errors in the console');
  });
}
