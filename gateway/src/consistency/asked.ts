import type { IncomingHttpHeaders } from "node:http";
import { BadUserInput } from "@weft/shared/errors";
import { parsedBy } from "@weft/shared/texts";
import { z } from "zod";

/** Request headers. The token is also a response header of the REST API. */
export const consistencyHeader = "weft-consistency";
export const consistencyTokenHeader = "weft-consistency-token";

/** A token as a client sent it, and where, for errors. */
export interface SentToken {
  readonly token: string;
  readonly path: string;
}

/** What a client asks of the state that an answer shows. */
export interface AskedConsistency {
  /** Tokens whose states the answer must include. */
  readonly after: readonly SentToken[];
  /** Whether the answer carries a token. */
  readonly returnsToken: boolean;
}

/** Clients send several if mutations ran at the same time: none of their tokens stands for the others. */
const maxTokens = 20;

const extension = z.strictObject({
  after: z.union([z.string(), z.array(z.string()).max(maxTokens)]).nullish(),
  returnToken: z.boolean().nullish(),
});

/** Reads `extensions.consistency` of a request. Undefined if there is none. @throws BadUserInput */
export function consistencyIn(extensions: Readonly<Record<string, unknown>> | null | undefined): AskedConsistency | undefined {
  const given = extensions?.["consistency"];
  if (given === undefined || given === null) return undefined;
  const parsed = parsedBy(extension, given);
  if (!parsed.success)
    throw new BadUserInput([
      {
        path: "extensions.consistency",
        message: `Send { after: <token> }, { returnToken: true }, or both. \`after\` can be a list of at most ${maxTokens} tokens.`,
      },
    ]);
  const { after, returnToken } = parsed.data;
  return {
    after: [after ?? []].flat().map((token) => ({ token, path: "extensions.consistency.after" })),
    returnsToken: returnToken === true,
  };
}

/** Adds what the headers of a request ask. Undefined if nothing is asked. @throws BadUserInput */
export function withConsistencyHeaders(headers: IncomingHttpHeaders, asked?: AskedConsistency): AskedConsistency | undefined {
  const wish = headers[consistencyHeader];
  const token = headers[consistencyTokenHeader];
  if (wish === undefined && token === undefined) return asked;
  if (wish !== undefined && wish !== "return")
    throw new BadUserInput([{ path: "Weft-Consistency", message: "The only value of this header is: return." }]);
  return {
    after: [...(asked?.after ?? []), ...(typeof token === "string" ? [{ token, path: "Weft-Consistency-Token" }] : [])],
    returnsToken: wish === "return" || asked?.returnsToken === true,
  };
}
