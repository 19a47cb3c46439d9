import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { outputSchema, type OutputName } from "./output/outputs.js";
import { runCli } from "./run-cli.js";

export interface Finished {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A user at a terminal, with folders of their own. */
export interface TestTerminal {
  readonly folder: string;
  readonly env: Record<string, string>;
  /** Runs a command in the folder. `input` is standard input. */
  weft(
    args: readonly string[],
    options?: {
      readonly input?: string;
      readonly answers?: readonly string[];
      readonly isTerminal?: boolean;
      readonly signal?: AbortSignal;
    },
  ): Promise<Finished>;
  /** Runs a command with `--json`, and checks the result against the published schema. */
  json<T = Record<string, unknown>>(name: OutputName, args: readonly string[]): Promise<Finished & { readonly data: T }>;
  write(name: string, text: string): string;
  close(): void;
}

export function openTerminal(env: Record<string, string> = {}): TestTerminal {
  const folder = mkdtempSync(join(tmpdir(), "weft-cli-"));
  const own: Record<string, string> = { WEFT_CLI_DIR: join(folder, "user"), WEFT_CLI_SYSTEM_FILE: join(folder, "system.json"), ...env };
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  const weft: TestTerminal["weft"] = async (
    args,
    { input = "", answers, isTerminal = false, signal = new AbortController().signal } = {},
  ) => {
    let out = "";
    let err = "";
    const left = [...(answers ?? [])];
    const code = await runCli(args, {
      env: own,
      cwd: folder,
      isInteractive: answers !== undefined,
      isTerminal,
      signal,
      programs: {
        version: "1.2.3",
        start: (program, rest) => {
          out += `${[program, ...rest].join(" ")}\n`;
          return Promise.resolve(7);
        },
      },
      out: (text) => (out += text),
      err: (text) => (err += text),
      ask: (question) => {
        err += question;
        return Promise.resolve(left.shift() ?? "");
      },
      readStandardInput: () => Promise.resolve(input),
    });
    return { code, out, err };
  };
  return {
    folder,
    env: own,
    weft,
    json: async <T>(name: OutputName, args: readonly string[]) => {
      const finished = await weft([...args, "--json"]);
      const data = JSON.parse(finished.out) as T;
      const isValid = ajv.compile(outputSchema(name));
      if (!isValid(data))
        throw new Error(`weft ${args.join(" ")} does not match its schema: ${JSON.stringify(isValid.errors)}\n${finished.out}`);
      return { ...finished, data };
    },
    write: (name, text) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
      return name;
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
