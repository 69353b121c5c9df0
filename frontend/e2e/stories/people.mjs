/** People who use the site. */

export const PASSWORD = 'correct horse battery';

/** Somebody new, with a tag that makes their names unlike all others'. */
export function newPerson() {
  const tag = `${Date.now().toString(36)}${Math.floor(Math.random() * 1_000).toString(36)}`;
  return { tag, name: `Person ${tag}`, email: `${tag}@example.org`, password: PASSWORD };
}

/** Fills the sign-up form in and sends it. */
export async function signUp(page, person) {
  await page.goto('/signup');
  await page.getByLabel('Name', { exact: true }).fill(person.name);
  await page.getByLabel('E-mail address').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('main').getByRole('button', { name: 'Sign up' }).click();
}

/** Fills the login form in, on whatever page shows it, and sends it. */
export async function signIn(page, { email, password }) {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
}
