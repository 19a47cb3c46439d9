import { BadUserInput, Conflict, LimitExceeded, NotFound } from "@weft/shared/errors";
import { RightsChanged } from "@weft/platform/rights";
import { NameTaken } from "../../users/creation/new-user.js";

/** Kinds of errors that RFC 7644, section 3.12 defines, as far as they occur. */
export type ScimType =
  | "invalidFilter"
  | "tooMany"
  | "uniqueness"
  | "mutability"
  | "invalidSyntax"
  | "invalidPath"
  | "noTarget"
  | "invalidValue";

/** A request that is refused in the words of the protocol. Thrown inside a transaction, it rolls back. */
export class ScimRefusal extends Error {
  readonly status: number;
  readonly scimType: ScimType | undefined;
  /** Seconds after which the client can send the request again. */
  readonly retryAfter: number | undefined;

  constructor(status: number, detail: string, scimType?: ScimType, retryAfter?: number) {
    super(detail);
    this.name = "ScimRefusal";
    this.status = status;
    this.scimType = scimType;
    this.retryAfter = retryAfter;
  }
}

/** The object does not exist, was deleted, or belongs to another tenant. */
export const notFound = (path: string): ScimRefusal =>
  new ScimRefusal(404, `The resource ${JSON.stringify(path.slice(0, 80))} does not exist.`);

/** Returns the body of a response with an error. */
export const errorBody = ({ status, scimType, message }: ScimRefusal): object => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
  status: String(status),
  ...(scimType !== undefined && { scimType }),
  detail: message,
});

/** Attributes by the paths in the errors of the services. */
const attributes: Readonly<Record<string, string>> = {
  "input.email": "emails",
  "input.username": "userName",
  "input.name": "displayName",
  "input.externalId": "externalId",
  "input.userId": "members",
};

/** Returns the refusal that corresponds to an error of a service, or null if the error is not about the request's content. */
export function refusalOf(error: unknown): ScimRefusal | null {
  if (error instanceof ScimRefusal) return error;
  if (error instanceof NotFound) return new ScimRefusal(404, error.message);
  if (error instanceof LimitExceeded) return new ScimRefusal(403, error.message);
  // Not 409, which providers take for a duplicate, and do not send again.
  if (error instanceof RightsChanged) return new ScimRefusal(503, error.message, undefined, 1);
  if (error instanceof Conflict) return new ScimRefusal(409, error.message);
  if (!(error instanceof BadUserInput)) return null;
  const detail = error.problems.map(({ path, message }) => `${attributes[path] ?? path}: ${message}`).join(" ");
  return error instanceof NameTaken ? new ScimRefusal(409, detail, "uniqueness") : new ScimRefusal(400, detail, "invalidValue");
}
