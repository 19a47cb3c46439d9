// `pnpm pictures [URL]`: takes the pictures of the console in docs/images from a running demo. Look at them before you commit them.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { demoLogins } from "@weft/shared/demo";
import { TestUser } from "../test-user.js";
import { logIn } from "./log-in.js";
import { openBrowser, type TestBrowser, type TestPage } from "./open-browser.js";

const folder = fileURLToPath(new URL("../../../docs/images/console/", import.meta.url));

const screen = { width: 1440, height: 900, colorScheme: "light" } as const;
/** Each page is shown once in both colors, and in both sizes. The tests look at all four combinations. */
const looks = { screen, phone: { width: 390, height: 844, colorScheme: "dark" } } as const;

interface Picture {
  readonly path: string;
  /** Selector of what the page shows when it is loaded. */
  readonly shown: string;
  /** What is clicked or pressed before the picture is taken. */
  readonly act?: (page: TestPage) => Promise<void>;
}

/** Pictures by name, for each person of the demo. */
type Pictures = Readonly<Record<string, Picture>>;

/** Requests that are worth looking at: the newest of a type, in a state. */
async function findRequest(user: TestUser, filter: string): Promise<string> {
  const { requests } = await user.run<{ requests: { edges: readonly { readonly node: { readonly id: string } }[] } }>(
    `{ requests(first: 1, filter: ${filter}) { edges { node { id } } } }`,
  );
  const [found] = requests.edges;
  if (found === undefined) throw new Error(`The demo has no request with ${filter}. Is its history complete?`);
  return found.node.id;
}

const openFirstTask = async (page: TestPage): Promise<void> => {
  await page.click(".row");
  await page.text(".task h1");
};

async function picturesOf(url: string): Promise<Readonly<Record<string, Pictures>>> {
  const userOf = (email: string): Promise<TestUser> => TestUser.login(url, email, passwordOf(email));
  const operations = await userOf("operations@acme.com");
  const request = await findRequest(operations, '{ typeKey: { eq: "maintenance" }, priority: { eq: URGENT } }');
  const mine = await findRequest(await userOf("requester@acme.com"), '{ typeKey: { eq: "maintenance" } }');
  return {
    "operations@acme.com": {
      inbox: { path: "inbox", shown: ".row", act: openFirstTask },
      requests: { path: "requests", shown: ".request-row" },
      board: { path: "requests?layout=board", shown: ".board" },
      request: { path: `requests/${request}`, shown: ".request-main h1" },
      history: { path: `requests/${request}?tab=history`, shown: ".entries" },
      keys: {
        path: "inbox",
        shown: ".row",
        act: async (page) => {
          await page.press("?");
          await page.text("[role=dialog]");
        },
      },
    },
    "manager@acme.com": {
      dashboard: { path: "dashboard", shown: ".chart .recharts-wrapper" },
      wall: { path: "dashboard/wall", shown: ".wall-transitions" },
    },
    "requester@acme.com": {
      portal: { path: "portal", shown: ".portal" },
      "portal-form": { path: "portal/new/maintenance", shown: "form" },
      "portal-request": { path: `portal/requests/${mine}`, shown: "h1" },
    },
    "tech@northwind.com": {
      vendor: { path: "vendor", shown: "h1" },
      "vendor-documents": { path: "vendor/documents", shown: "h1" },
    },
    "approver@acme.com": { account: { path: "account", shown: "h1" }, security: { path: "account/security", shown: "h1" } },
  };
}

function passwordOf(email: string): string {
  const login = demoLogins.find((one) => one.email === email);
  if (login === undefined) throw new Error(`The demo has no login ${email}.`);
  return login.password;
}

/** What is fading in, or still loading, is not in the picture. */
const settled = `document.querySelector(".placeholder, [aria-busy=true]") === null
  && document.getAnimations().every(({ playState, effect }) => playState !== "running" || !Number.isFinite(effect.getComputedTiming().endTime))`;

async function take(browser: TestBrowser, { url, email, pictures }: { url: string; email: string; pictures: Pictures }): Promise<void> {
  const page = await browser.page();
  await page.look(screen);
  await page.goto(`${url}/console/`);
  await logIn(page, { login: email, password: passwordOf(email) });
  for (const [name, { path, shown, act }] of Object.entries(pictures))
    for (const [look, options] of Object.entries(looks)) {
      await page.look(options);
      await page.goto(`${url}/console/${path}`);
      await page.text(shown);
      await act?.(page);
      await page.until(settled, "nothing is loading or moving");
      await page.screenshot(join(folder, `${name}-${look}.webp`));
      console.log(`${name}-${look}.webp`);
    }
  if (page.consoleErrors.length > 0) throw new Error(`The pages of ${email} have logged errors:\n${page.consoleErrors.join("\n")}`);
}

const [url = "http://127.0.0.1:4000"] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const browser = await openBrowser();
try {
  const login = await browser.page();
  await login.look(screen);
  await login.goto(`${url}/console/`);
  await login.text("[name=login]");
  await login.screenshot(join(folder, "login-screen.webp"));
  for (const [email, pictures] of Object.entries(await picturesOf(url))) await take(browser, { url, email, pictures });
} finally {
  await browser.close();
}
