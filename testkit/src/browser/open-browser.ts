import { accessibilityEngine, type DriverContext, type DriverPage, loadDriver } from "./driver.js";
import { findChromium } from "./find-chromium.js";

/** A headless Chromium. Use one per test file; each test opens its own pages. */
export interface TestBrowser extends AsyncDisposable {
  /** Opens a new page in its own profile, which shares no stored data with other pages. */
  page(): Promise<TestPage>;
  /** Closes all pages and forgets their data. An open page keeps rendering, which slows the others down. */
  closePages(): Promise<void>;
  close(): Promise<void>;
}

export interface TestPage {
  /** Errors that the page has logged or thrown, including responses with an error status. */
  readonly consoleErrors: readonly string[];
  /** Requests and sockets to any host other than this machine. All of them fail. */
  readonly externalRequests: readonly string[];
  /** Returns the current URL. */
  url(): string;
  /** Resolves when the page has loaded. */
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** Returns the value of a JavaScript expression. If the value is a promise, returns the resolved value. */
  evaluate<T>(expression: string): Promise<T>;
  /** Waits until the expression is truthy, also across navigations. */
  until(expression: string, what?: string): Promise<void>;
  /** Waits for the first element that matches the selector, and returns its visible text. */
  text(selector: string): Promise<string>;
  /** Waits until the first element that matches the selector shows the text. */
  untilText(selector: string, text: string): Promise<void>;
  /** Waits until the element can be clicked, then clicks it. */
  click(selector: string): Promise<void>;
  /** Waits for the field, then replaces its content by typing. */
  fill(selector: string, text: string): Promise<void>;
  /** Presses a key, such as `Tab`, `Enter`, `Space` or `ArrowDown`, and releases it. `Control+k` holds the first one. */
  press(keys: string): Promise<void>;
  /** Types a text into the element that has the focus. */
  type(text: string): Promise<void>;
  /** Sets the window size in CSS pixels and the user's preferred color scheme. */
  look(options: { width: number; height: number; colorScheme?: "light" | "dark" }): Promise<void>;
  /** Writes what the window shows to a file, as PNG or WebP by the end of its name. */
  screenshot(path: string): Promise<void>;
  /** Violations of WCAG 2.2 A and AA and of good practice on the page, each with its rule and its elements. Finds about half of what there can be. */
  accessibilityViolations(): Promise<string[]>;
  /** Lets requests fail whose address matches the pattern, in which `*` stands for any text. */
  block(pattern: string): Promise<void>;
  /** Delays the answer to each request by this time. */
  slowDown(latencyMs: number): Promise<void>;
  /** Bytes of JavaScript's heap that are in use after garbage collection. */
  heapBytes(): Promise<number>;
  /** Gives the page's computer an authenticator for passkeys. Its user agrees to everything, and proves who they are while `isVerified` is set. */
  addAuthenticator(): Promise<TestAuthenticator>;
}

/** A virtual authenticator (WebAuthn). */
export interface TestAuthenticator {
  setVerified(isVerified: boolean): Promise<void>;
}

const flags = [
  "--no-sandbox", // The sandbox does not run as root. The pages are ours, and nothing else can be loaded.
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-dev-shm-usage", // Containers have little shared memory.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.localhost",
];

const local = /^(?:https?|wss?):\/\/(?:127\.0\.0\.1|localhost|[a-z0-9-]+\.localhost|\[::1\])(?:[:/?#]|$)|^(?:data|blob|about):/;

/** Time to load a page, and to show something on it. */
const longestMs = 20_000;

/**
 * Starts Chromium, which takes about 300 ms. Close it in `afterAll`, or declare it with `await using`.
 *
 * @param deadlineMs maximum duration of each wait for something that a page shows; to load a page may always take 20 seconds
 * @throws Error that says what to install if Chromium or its driver is missing.
 */
export async function openBrowser({ deadlineMs = longestMs }: { readonly deadlineMs?: number } = {}): Promise<TestBrowser> {
  const driver = await loadDriver();
  const browser = await driver.launch({ executablePath: findChromium(), headless: true, args: flags });
  const close = (): Promise<void> => browser.close();
  const contexts: DriverContext[] = [];
  return {
    async page() {
      const context = await browser.createBrowserContext();
      contexts.push(context);
      const page = await context.newPage();
      page.setDefaultTimeout(deadlineMs);
      page.setDefaultNavigationTimeout(longestMs);
      return testPage(page);
    },
    async closePages() {
      await Promise.all(contexts.splice(0).map((context) => context.close()));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** After the animations, because what fades in has little contrast. */
const runAxe = `(async () => {
  const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const isEnding = ({ effect, playState }) => playState === "running" && Number.isFinite(effect.getComputedTiming().endTime);
  await after(50);
  // An animation of something that is not drawn does not end.
  await Promise.race([after(3_000), Promise.allSettled(document.getAnimations().filter(isEnding).map(({ finished }) => finished))]);
  const { violations } = await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    resultTypes: ["violations"],
    // It would load all style sheets again, for a rule about turning a phone.
    preload: false,
  });
  return violations.map(({ id, help, nodes }) => id + ": " + help + ". " + nodes.map(({ html, failureSummary }) => html.slice(0, 200) + " " + failureSummary).join(" "));
})()`;

async function testPage(page: DriverPage): Promise<TestPage> {
  const consoleErrors: string[] = [];
  const externalRequests: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") consoleErrors.push(message.text());
  });
  page.on("pageerror", (error) => consoleErrors.push(error instanceof Error ? error.message : String(error)));
  const note = (url: string): void => {
    if (!local.test(url)) externalRequests.push(url);
  };
  const session = await page.createCDPSession();
  session.on("Network.requestWillBeSent", ({ request }) => note(request.url));
  session.on("Network.webSocketCreated", ({ url }) => note(url));
  await session.send("Network.enable");

  const waitFor = async (what: string, ready: () => Promise<unknown>): Promise<void> => {
    try {
      await ready();
    } catch (cause) {
      // A page that navigates, or has crashed, shows nothing.
      const shown = await page.evaluate("document.body?.innerText.slice(0, 2000)").catch((error: unknown) => error);
      throw new Error(
        `Waited in vain until ${what}. ${page.url()} shows:\n${String(shown)}\nIts errors: ${consoleErrors.join("\n") || "none"}`,
        { cause },
      );
    }
  };
  const until = (expression: string, what = `\`${expression}\` is true`): Promise<void> =>
    waitFor(what, () => page.waitForFunction(expression));
  const element = (selector: string): string => `document.querySelector(${JSON.stringify(selector)})`;

  return {
    consoleErrors,
    externalRequests,
    url: () => page.url(),
    goto: async (url) => void (await page.goto(url)),
    reload: async () => void (await page.reload()),
    evaluate: async <T>(expression: string) => (await page.evaluate(expression)) as T,
    until,
    async text(selector) {
      await until(`${element(selector)} !== null`, `there is ${selector}`);
      return String(await page.evaluate(`${element(selector)}.innerText`));
    },
    untilText: (selector, text) =>
      until(`${element(selector)}?.innerText.includes(${JSON.stringify(text)})`, `${selector} shows "${text}"`),
    click: (selector) => waitFor(`${selector} can be clicked`, () => page.locator(selector).click()),
    fill: (selector, text) => waitFor(`${selector} can be filled`, () => page.locator(selector).fill(text)),
    async press(keys) {
      // Nobody presses a key before what it is for was painted. The page listens to keys only after that.
      await page.evaluate("new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))");
      const held = keys.split("+");
      const key = held.pop() ?? "";
      for (const one of held) await page.keyboard.down(one);
      await page.keyboard.press(key);
      for (const one of held.toReversed()) await page.keyboard.up(one);
    },
    type: (text) => page.keyboard.type(text),
    async look({ width, height, colorScheme = "light" }) {
      await page.setViewport({ width, height });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: colorScheme }]);
    },
    screenshot: async (path) => void (await page.screenshot({ path, ...(path.endsWith(".webp") && { quality: 70 }) })),
    async accessibilityViolations() {
      if (!(await page.evaluate("globalThis.axe !== undefined"))) await page.evaluate(await accessibilityEngine());
      return (await page.evaluate(runAxe)) as string[];
    },
    block: async (pattern) => void (await session.send("Network.setBlockedURLs", { urls: [pattern] })),
    async slowDown(latency) {
      await session.send("Network.emulateNetworkConditions", { offline: false, latency, downloadThroughput: -1, uploadThroughput: -1 });
    },
    async heapBytes() {
      await session.send("HeapProfiler.collectGarbage");
      return (await session.send("Runtime.getHeapUsage")).usedSize;
    },
    async addAuthenticator() {
      await session.send("WebAuthn.enable");
      const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
        options: {
          protocol: "ctap2",
          transport: "internal",
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: true,
          automaticPresenceSimulation: true,
        },
      });
      return {
        setVerified: async (isUserVerified) => void (await session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified })),
      };
    },
  };
}
