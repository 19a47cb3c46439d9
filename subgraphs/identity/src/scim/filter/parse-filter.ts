/**
 * Parses filters and paths. The libraries for it were not used: scim2-parse-filter 0.2.10 takes exponential time for an unclosed string with line breaks,
 * and scim-patch 0.8.3 writes to whatever a path such as `__proto__` names. Here, the time is linear and the depth bounded.
 */
import { quote } from "@weft/shared/errors";
import { ScimRefusal } from "../protocol/scim-refusal.js";
import type { ScimType } from "../protocol/scim-refusal.js";
import { operators } from "./filter.js";
import type { AttributePath, Comparison, Filter, Operator, TargetPath } from "./filter.js";

const maxLength = 1_000;
const maxDepth = 20;
// A bracket, a string, or a word: an attribute, an operator, a number, or a constant.
const tokenPattern = /\s*(?:([()[\]])|("(?:[^"\\]|\\.)*")|([^\s()[\]"]+))/sy;
const pathPattern = /^(?:(urn:[\w.:-]+):)?([a-z$][\w$-]*)(?:\.([a-z$][\w$-]*))?$/i;

/** @throws ScimRefusal (invalidFilter) */
export function parseFilter(text: string): Filter {
  const parser = new Parser(text, "invalidFilter");
  const filter = parser.filter(0);
  parser.end();
  return filter;
}

/** Parses the path of a PATCH operation. @throws ScimRefusal (invalidPath) */
export function parsePath(text: string): TargetPath {
  const parser = new Parser(text, "invalidPath");
  const path = parser.target();
  parser.end();
  return path;
}

class Parser {
  readonly #text: string;
  readonly #kind: ScimType;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string, kind: ScimType) {
    this.#text = text;
    this.#kind = kind;
    if (text.length > maxLength) throw this.#refusal(`It has ${text.length} characters; at most ${maxLength} are allowed.`);
    this.#tokens = this.#split(text.trimEnd());
  }

  end(): void {
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) throw this.#refusal(`${quote(rest)} is unexpected.`);
  }

  /** Conditions joined by `or`, which binds least. */
  filter(depth: number): Filter {
    if (depth > maxDepth) throw this.#refusal("It is nested too deeply.");
    let left = this.#conjunction(depth);
    while (this.#take("or")) left = { op: "or", left, right: this.#conjunction(depth) };
    return left;
  }

  target(): TargetPath {
    const path = this.#path(this.#next());
    if (!this.#take("[")) return { ...path, filter: null };
    if (path.sub !== null) throw this.#refusal("A filter follows an attribute, not a sub-attribute.");
    const filter = this.filter(0);
    this.#expect("]");
    const sub = this.#tokens[this.#at];
    if (sub === undefined) return { ...path, filter };
    this.#at++;
    const [, name] = /^\.([a-z$][\w$-]*)$/i.exec(sub) ?? [];
    if (name === undefined) throw this.#refusal(`${quote(sub)} is not a sub-attribute.`);
    return { ...path, sub: name.toLowerCase(), filter };
  }

  #conjunction(depth: number): Filter {
    let left = this.#condition(depth);
    while (this.#take("and")) left = { op: "and", left, right: this.#condition(depth) };
    return left;
  }

  #condition(depth: number): Filter {
    if (this.#take("(")) {
      const filter = this.filter(depth + 1);
      this.#expect(")");
      return filter;
    }
    const first = this.#next();
    // An attribute could have this name, but only a group of conditions follows the operator.
    if (first.toLowerCase() === "not" && this.#take("(")) {
      const filter = this.filter(depth + 1);
      this.#expect(")");
      return { op: "not", filter };
    }
    const path = this.#path(first);
    if (this.#take("[")) {
      const filter = this.filter(depth + 1);
      this.#expect("]");
      return { op: "has", path, filter };
    }
    const operator = this.#next().toLowerCase();
    if (operator === "pr") return { op: "present", path };
    if (!isOperator(operator)) throw this.#refusal(`${quote(operator)} is not an operator. Use ${operators.join(", ")}, or pr.`);
    return { op: "compare", operator, path, value: this.#value() };
  }

  #value(): Comparison["value"] {
    const token = this.#next();
    try {
      // Constants are in lower case in JSON. Some clients write True.
      const value: unknown = JSON.parse(token.startsWith('"') ? token : token.toLowerCase());
      // An escaped NUL or half of a surrogate pair, which the database does not accept.
      if (typeof value === "string" && (value.includes("\u0000") || !value.isWellFormed()))
        throw this.#refusal("It contains characters that are not allowed.");
      if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
    } catch (error) {
      if (error instanceof ScimRefusal) throw error;
    }
    throw this.#refusal(`${quote(token)} is not a value. Write texts in double quotes.`);
  }

  #path(token: string): AttributePath {
    const [, schema, attribute, sub] = pathPattern.exec(token) ?? [];
    if (attribute === undefined) throw this.#refusal(`${quote(token)} is not the name of an attribute.`);
    return { schema: schema?.toLowerCase() ?? null, attribute: attribute.toLowerCase(), sub: sub?.toLowerCase() ?? null };
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw this.#refusal("It ends too early.");
    return token;
  }

  #take(word: string): boolean {
    if (this.#tokens[this.#at]?.toLowerCase() !== word) return false;
    this.#at++;
    return true;
  }

  #expect(word: string): void {
    if (!this.#take(word)) throw this.#refusal(`${quote(word)} is missing.`);
  }

  #split(text: string): readonly string[] {
    const tokens: string[] = [];
    tokenPattern.lastIndex = 0;
    while (tokenPattern.lastIndex < text.length) {
      const from = tokenPattern.lastIndex;
      const [, bracket, string, word] = tokenPattern.exec(text) ?? [];
      const token = bracket ?? string ?? word;
      if (token === undefined) throw this.#refusal(`It cannot be read from ${quote(text.slice(from, from + 20))} on.`);
      tokens.push(token);
    }
    return tokens;
  }

  #refusal(reason: string): ScimRefusal {
    const what = this.#kind === "invalidFilter" ? "filter" : "path";
    return new ScimRefusal(400, `The ${what} ${quote(this.#text)} is not valid. ${reason}`, this.#kind);
  }
}

const isOperator = (text: string): text is Operator => (operators as readonly string[]).includes(text);
