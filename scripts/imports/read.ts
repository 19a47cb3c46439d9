import { parseSync } from "oxc-parser";

/** An import (or re-export) of a file. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** Whether the compiler erases it, so that it causes no cycle at run time. */
  readonly isType: boolean;
}

/** Returns every import of a source text: static, re-exported, and dynamic with a literal. */
export function readImports(path: string, source: string): Import[] {
  const { module, errors } = parseSync(path, source);
  const [error] = errors;
  if (error) throw new Error(`${path} does not parse: ${error.message}`);
  const found: Import[] = [];
  const add = (specifier: string, at: number, isType: boolean): void => {
    found.push({ specifier, line: source.slice(0, at).split("\n").length, isType });
  };
  for (const { moduleRequest, entries } of module.staticImports) {
    add(moduleRequest.value, moduleRequest.start, entries.length > 0 && entries.every((entry) => entry.isType));
  }
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, isType } of entries) if (moduleRequest) add(moduleRequest.value, moduleRequest.start, isType);
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = /^["'`]([^"'`$]+)["'`]$/.exec(source.slice(moduleRequest.start, moduleRequest.end));
    if (literal?.[1] !== undefined) add(literal[1], moduleRequest.start, false);
  }
  return found;
}
