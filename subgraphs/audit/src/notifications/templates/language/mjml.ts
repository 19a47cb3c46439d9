import type { Engine } from "mrml";

let loaded: Promise<Engine> | undefined;

/** Loads the engine with the first template, because it compiles a megabyte of WebAssembly. Nothing in it can read files or open connections. */
async function load(): Promise<Engine> {
  const { Engine } = await import("mrml");
  const engine = new Engine();
  // The default ones are loaded from a server of Google, which would learn who reads a mail.
  engine.setRenderOptions({ disableComments: false, socialIconOrigin: null, fonts: {} });
  return engine;
}

/** Place in a source, from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export type MjmlResult = { readonly html: string } | { readonly problem: string; readonly place: Place | null };

/** Converts MJML to the HTML of a mail. Placeholders stay as they are. */
export async function mjmlToHtml(source: string): Promise<MjmlResult> {
  const engine = await (loaded ??= load());
  const result = engine.toHtml(source);
  if (result.type === "success") return { html: result.content };
  const position = result.origin === "parser" && "position" in result.details ? result.details.position : undefined;
  return { problem: `The MJML is not valid: ${result.message}.`, place: position ? placeOf(source, position.start) : null };
}

/** Returns the place of a byte in a source. */
function placeOf(source: string, byte: number): Place {
  const before = Buffer.from(source).subarray(0, byte).toString().split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}
