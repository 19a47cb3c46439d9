import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The part of puppeteer-core that we use. It is not installed with the workspace (see testkit/browser-driver), so that `pnpm start` stays small and
// everything compiles without it. The tests of open-browser.ts verify these types against the real package.

export interface Driver {
  launch(options: { executablePath: string; headless: boolean; args: readonly string[] }): Promise<DriverBrowser>;
}

export interface DriverBrowser {
  createBrowserContext(): Promise<DriverContext>;
  close(): Promise<void>;
}

export interface DriverContext {
  newPage(): Promise<DriverPage>;
  close(): Promise<void>;
}

export interface DriverPage {
  on(event: "console", listener: (message: { type(): string; text(): string }) => void): void;
  on(event: "pageerror", listener: (error: unknown) => void): void;
  createCDPSession(): Promise<DriverSession>;
  setDefaultTimeout(ms: number): void;
  setDefaultNavigationTimeout(ms: number): void;
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  url(): string;
  evaluate(expression: string): Promise<unknown>;
  waitForFunction(expression: string): Promise<unknown>;
  locator(selector: string): { click(): Promise<void>; fill(text: string): Promise<void> };
  setViewport(size: { width: number; height: number }): Promise<void>;
  emulateMediaFeatures(features: readonly { name: string; value: string }[]): Promise<void>;
  screenshot(options: { path: string; quality?: number }): Promise<unknown>;
  readonly keyboard: {
    press(key: string): Promise<void>;
    type(text: string): Promise<void>;
    down(key: string): Promise<void>;
    up(key: string): Promise<void>;
  };
}

/** See WebAuthn in the Chrome DevTools Protocol. */
export interface VirtualAuthenticator {
  readonly protocol: "ctap2";
  readonly transport: "internal";
  readonly hasResidentKey: boolean;
  readonly hasUserVerification: boolean;
  readonly isUserVerified: boolean;
  readonly automaticPresenceSimulation: boolean;
}

export interface DriverSession {
  send(method: "Network.enable" | "WebAuthn.enable" | "HeapProfiler.collectGarbage"): Promise<unknown>;
  send(method: "Runtime.getHeapUsage"): Promise<{ usedSize: number }>;
  send(method: "Network.setBlockedURLs", parameters: { urls: readonly string[] }): Promise<unknown>;
  send(
    method: "Network.emulateNetworkConditions",
    parameters: { offline: boolean; latency: number; downloadThroughput: number; uploadThroughput: number },
  ): Promise<unknown>;
  send(method: "WebAuthn.addVirtualAuthenticator", parameters: { options: VirtualAuthenticator }): Promise<{ authenticatorId: string }>;
  send(method: "WebAuthn.setUserVerified", parameters: { authenticatorId: string; isUserVerified: boolean }): Promise<unknown>;
  on(event: "Network.requestWillBeSent", listener: (event: { request: { url: string } }) => void): void;
  on(event: "Network.webSocketCreated", listener: (event: { url: string }) => void): void;
}

const folder = new URL("../../browser-driver/package.json", import.meta.url);

/** @throws Error that says how to install it. */
function pathOf(name: string): string {
  try {
    return createRequire(folder).resolve(name);
  } catch (cause) {
    throw new Error(
      `${name} is not installed. \`pnpm test:hard\` installs it; by hand: \`npx --yes pnpm exec node scripts/install-apart.ts\`.`,
      { cause },
    );
  }
}

/** @throws Error that says how to install it. */
export const loadDriver = async (): Promise<Driver> => (await import(pathToFileURL(pathOf("puppeteer-core")).href)) as Driver;

/** Source of axe, which finds what users with disabilities cannot use. @throws Error that says how to install it. */
export const accessibilityEngine = (): Promise<string> => readFile(pathOf("axe-core/axe.min.js"), "utf8");
