import { QueryLimitExceeded } from "@weft/shared";
import { Lexer, Source, TokenKind } from "graphql";

/**
 * Brackets within brackets of a document: selections, lists, objects, the types of variables. Parsers, validators and planners call themselves for each level, and
 * a process that has not compiled them yet has no stack left after some thousand levels. No operation within the limit of depth needs a quarter of it.
 */
export const deepestNesting = 100;

const opening: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const closing: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/**
 * Holds the text of a document to its limits of tokens and nesting before it is parsed: one pass of the lexer, which keeps no stack and ends at the limit of tokens.
 * Throws QUERY_LIMIT_EXCEEDED, or the GraphQLError of what is no token.
 */
export function assertTextWithinLimits(text: string, { tokens }: { readonly tokens: number }): void {
  const lexer = new Lexer(new Source(text));
  let count = 0;
  let depth = 0;
  let deepest = 0;
  for (let { kind } = lexer.advance(); kind !== TokenKind.EOF; { kind } = lexer.advance()) {
    // How many more there are is not worth knowing.
    if (++count > tokens) throw new QueryLimitExceeded({ limit: "tokens", actual: count, max: tokens });
    if (opening.has(kind)) deepest = Math.max(deepest, ++depth);
    else if (closing.has(kind)) depth--;
  }
  if (deepest > deepestNesting) throw new QueryLimitExceeded({ limit: "nesting", actual: deepest, max: deepestNesting });
}
