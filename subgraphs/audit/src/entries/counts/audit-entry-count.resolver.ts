import type { Context } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { type Period, periodOf, timeZoneOf } from "@weft/api/periods";
import { Allow, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { BadUserInput, type Problem } from "@weft/shared/errors";
import { Arg, Ctx, Query, Resolver } from "type-graphql";
import { withSealedAddresses } from "../search/address-field.js";
import { AuditEntryFilter } from "../audit-entry.list.js";
import { countByInterval } from "./audit-entry-count.store.js";
import { AuditEntryCount, AuditInterval, AuditPeriod } from "./audit-entry-count.type.js";

/** Maximum length of a period that is counted by hours. */
const MAX_DAYS_OF_HOURS = 31;

@Resolver(() => AuditEntryCount)
export class AuditEntryCountResolver {
  @Query(() => [AuditEntryCount], {
    nullable: true,
    description:
      "Numbers of audit entries by hour or day, oldest first. A period that is counted by hours has at most 31 days. Errors: BAD_USER_INPUT.",
  })
  @Allow(can("audit.read"))
  async auditEntryCounts(
    @Arg("period", () => AuditPeriod, { nullable: true, description: "Period. Default: the last 30 days." }) period: AuditPeriod | null,
    @Arg("interval", () => AuditInterval, { nullable: true, description: "Length of an interval. Default: DAY." })
    interval: AuditInterval | null,
    @Arg("filter", () => AuditEntryFilter.Input, { nullable: true, description: "Filter for entries." }) filter: FilterValue | null,
    @Ctx() ctx: Context,
  ): Promise<AuditEntryCount[]> {
    const wanted = await atPeriod(() => periodWithin(period ?? {}, interval ?? "DAY"));
    const timeZone = await atPeriod(() => timeZoneOf(ctx, period ?? {}));
    const where = AuditEntryFilter.toSql(await withSealedAddresses(ctx, filter));
    return ctx.read((tx) => countByInterval(tx, ctx.viewer, { period: wanted, timeZone, interval: interval ?? "DAY", where }));
  }
}

/** Names the argument of this field in problems: elsewhere, the period is part of the filter. */
async function atPeriod<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof BadUserInput)) throw error;
    throw new BadUserInput(error.problems.map((problem) => ({ ...problem, path: problem.path.replace(/^filter\./, "period.") })));
  }
}

/** Entries are in true time, whatever clock a sandbox has. @throws BadUserInput */
function periodWithin(period: AuditPeriod, interval: AuditInterval): Period {
  const wanted = periodOf(period, new Date().toISOString());
  if (interval === "DAY" || wanted.to - wanted.from <= MAX_DAYS_OF_HOURS * 86_400) return wanted;
  const problem: Problem = {
    path: "period.from",
    message: `The period has more than ${MAX_DAYS_OF_HOURS} days. Use a later \`from\`, or the interval DAY.`,
  };
  throw new BadUserInput([problem]);
}

export const auditEntryCountModule: SubgraphModule = { resolvers: { audit: [AuditEntryCountResolver] } };
