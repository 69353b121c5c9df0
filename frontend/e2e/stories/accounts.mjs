/** Ways in and out: refusals beside their fields, the way back, the account's own page. */
import { visitor } from '../lib/browser.mjs';
import { assertEqual } from '../lib/report.mjs';
import { newPerson, PASSWORD, signIn, signUp } from './people.mjs';

export async function accounts(story, browser) {
  const page = await visitor(story, browser);
  const person = newPerson();

  await story.promise('an empty form says what is missing beside each field, and goes to the first', async () => {
    await page.goto('/signup');
    await page.getByRole('main').getByRole('button', { name: 'Sign up' }).click();
    await page.getByText('Enter the name that others will see.').waitFor();
    await page.getByText('Use at least 10 characters.').waitFor();
    assertEqual(await page.evaluate(() => document.activeElement?.name), 'display_name', 'the focus');
  });

  await story.promise('a guest who asks for the studio signs up or in, and comes back to it', async () => {
    await signUp(page, person);
    await page.waitForURL('**/studio');
    await signOut(page, person);
    await page.goto('/studio');
    await page.waitForURL('**/login?next=%2Fstudio');
    await signIn(page, person);
    await page.waitForURL('**/studio');
  });

  await story.promise('a wrong password is refused in words, and nothing is lost', async () => {
    await signOut(page, person);
    await page.goto('/login');
    await signIn(page, { ...person, password: 'not the password' });
    await page.getByRole('alert').getByText(/wrong/i).waitFor();
    assertEqual(await page.getByLabel('E-mail address').inputValue(), person.email, 'the e-mail address');
  });

  await story.promise('an e-mail address that is taken is said beside its field', async () => {
    await signUp(page, person);
    await page.getByText(/exists already/).waitFor();
    assertEqual(await page.evaluate(() => document.activeElement?.name), 'email', 'the focus');
  });

  await story.promise('a link to the login page cannot send people to another site', async () => {
    await page.goto('/login?next=%2F%2Fexample.org%2F');
    await signIn(page, person);
    await page.getByRole('button', { name: `Account of ${person.name}` }).waitFor();
    assertEqual(new URL(page.url()).host, new URL(await page.evaluate(() => location.origin)).host, 'the host');
    assertEqual(new URL(page.url()).pathname, '/', 'the page');
  });

  await story.promise('a new name is shown at once, and can be taken back', async () => {
    await page.goto('/account');
    await page.getByLabel('Name', { exact: true }).fill('Somebody else');
    await page.getByRole('button', { name: 'Save the name' }).click();
    await page.getByRole('heading', { level: 1, name: 'Somebody else' }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('heading', { level: 1, name: person.name }).waitFor();
  });

  await story.promise('the password is changed only by who knows it', async () => {
    await page.getByLabel('Current password').fill('not the password');
    await page.getByLabel('New password').fill(`${PASSWORD} staple`);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('This is not your current password.').waitFor();
    await page.getByLabel('Current password').fill(person.password);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('Your password is changed.').waitFor();
  });

  await story.promise('no page complained', async () => assertEqual(page.complaints, [], 'errors in the console'));
}

async function signOut(page, person) {
  await page.getByRole('button', { name: `Account of ${person.name}` }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).waitFor();
}
