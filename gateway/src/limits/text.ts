import { QueryLimitExceeded } from "@weft/shared/errors";
import { Lexer, Source, TokenKind } from "graphql";

/**
 * Maximum nesting of brackets in a document: selections, lists, objects, the types of variables. Parsers, validators, and planners recurse for each
 * level. In a process that has not compiled them yet, the stack overflows after a few thousand levels. Operations within the depth limit need less
 * than a quarter of this.
 */
export const deepestNesting = 100;

const opening: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const closing: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/**
 * Checks the limits for tokens and nesting before a document is parsed. It needs one pass of the lexer, which does not recurse and stops at the token
 * limit. Throws QUERY_LIMIT_EXCEEDED, or the GraphQLError of an invalid token.
 */
export function assertTextWithinLimits(text: string, { tokens }: { readonly tokens: number }): void {
  const lexer = new Lexer(new Source(text));
  let count = 0;
  let depth = 0;
  let deepest = 0;
  for (let { kind } = lexer.advance(); kind !== TokenKind.EOF; { kind } = lexer.advance()) {
    // The exact number of further tokens does not matter.
    if (++count > tokens) throw new QueryLimitExceeded({ limit: "tokens", actual: count, max: tokens });
    if (opening.has(kind)) deepest = Math.max(deepest, ++depth);
    else if (closing.has(kind)) depth--;
  }
  if (deepest > deepestNesting) throw new QueryLimitExceeded({ limit: "nesting", actual: deepest, max: deepestNesting });
}
