import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { Allow, inherit } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";

export enum RateLimitScope {
  ADDRESS = "ADDRESS",
  USER = "USER",
  API_KEY = "API_KEY",
  TENANT = "TENANT",
  OPERATION = "OPERATION",
}
registerEnumType(RateLimitScope, {
  name: "RateLimitScope",
  description: "Whose operations a rate limit counts together.",
  valuesConfig: {
    ADDRESS: { description: "Those of the organization's users and API keys at one IP address." },
    USER: { description: "Those of a user, over all sessions." },
    API_KEY: { description: "Those of an API key." },
    TENANT: { description: "Those of all users and API keys of the organization." },
    OPERATION: { description: "Those with one root field, of a user or of the organization." },
  },
});

export enum RateLimitUnit {
  OPERATIONS = "OPERATIONS",
  COST = "COST",
}
registerEnumType(RateLimitUnit, {
  name: "RateLimitUnit",
  description: "What a rate limit counts.",
  valuesConfig: {
    OPERATIONS: { description: "The number of operations." },
    COST: { description: "The cost of operations, as in `extensions.cost`." },
  },
});

const rateLimitColumns = columns({
  policy: column.text(
    "Name of the limit, for example `user-minute`, as in the headers `RateLimit` and `RateLimit-Policy` and in RATE_LIMITED.",
  ),
  scope: column.of(() => RateLimitScope, "Whose operations it counts."),
  unit: column.of(() => RateLimitUnit, "What it counts."),
  field: column.text("Root field whose use is counted. Null unless the scope is OPERATION.", { nullable: true }),
  limit: column.float("Maximum in a window."),
  used: column.float("Amount used in the current window, including this operation."),
  remaining: column.float("Amount that can still be used until the window ends."),
  windowSeconds: column.int("Length of the window in seconds. A window begins with the first operation in it."),
  resetAt: column.time("End of the current window."),
});

@ShowColumns(rateLimitColumns)
@ObjectType({ description: "A limit on how fast operations can be sent, and what is left of it." })
@Allow(inherit)
export class RateLimit extends shapeOf(rateLimitColumns) {}
