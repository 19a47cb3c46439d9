import type { GraphQLResolveInfo, GraphQLSchema } from "graphql";
import { Forbidden } from "@weft/shared/errors";
import { isOperatorMutation } from "@weft/shared/viewer";
import type { RuleContext } from "./rule.js";

/** Withholds from platform operators who act in a tenant what would outlast their session. See `operator-mutations.ts`. */
export function withholdFromOperators(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const { name, resolve } = field;
    if (!resolve || isOperatorMutation(name)) continue;
    field.resolve = (parent, args, context: RuleContext, info: GraphQLResolveInfo) => {
      if (context.maybeViewer && context.maybeViewer.operatorId !== null)
        throw new Forbidden(
          `Platform operators cannot call ${name} while they act in a tenant, because its effect would outlast the session. Ask a user of the tenant.`,
        );
      return resolve(parent, args, context, info);
    };
  }
}
