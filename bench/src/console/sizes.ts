import { filesBeyondInbox, firstFiles, laterFiles, sentBytes } from "@weft/testkit/browser/built-console";

const of = (files: readonly string[], ending: string): number => sentBytes(files.filter((file) => file.endsWith(ending))) / 1024;

/** Sizes of what pages load, in KiB after brotli, with the German texts, which are the longer ones. */
export function sizes(): readonly (readonly [string, number])[] {
  const texts = laterFiles(/assets\/de-.*\.js$/);
  const first = firstFiles();
  const login = [...first, ...texts, ...laterFiles(/assets\/login-page-.*\.js$/)];
  const inbox = [...first, ...texts, ...laterFiles(/assets\/(?:signed-in|inbox-page)-.*\.js$/)];
  return [
    ["login, scripts KiB", of(login, ".js")],
    ["inbox, scripts KiB", of(inbox, ".js")],
    ["inbox, styles KiB", of(inbox, ".css")],
    ...["requests", "request", "dashboard", "portal"].map((name) => {
      const files = filesBeyondInbox(new RegExp(`assets/${name}-page-.*\\.js$`));
      return [`${name}, scripts KiB more`, of(files, ".js")] as const;
    }),
  ];
}
