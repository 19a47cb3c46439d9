import type { TestPage } from "./open-browser.js";

/** Logs in on the login page of the console, which stands in place of the page that was opened, and waits until `shown` is there. */
export async function logIn(
  page: TestPage,
  { login, password }: { readonly login: string; readonly password: string },
  shown = ".user",
): Promise<void> {
  await page.fill("[name=login]", login);
  await page.fill("[name=password]", password);
  await page.click("button[type=submit]");
  await page.text(shown);
}
