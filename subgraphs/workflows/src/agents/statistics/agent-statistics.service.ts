import { BadUserInput } from "@weft/shared/errors";
import type { Context } from "@weft/api/context";
import { selectAgentStatistics } from "./agent-statistics.store.js";
import type { AgentStatistics, AgentStatisticsArgs } from "./agent-statistics.type.js";

const MAX_DAYS = 400;

/** @throws BadUserInput (the period) */
export async function readAgentStatistics(ctx: Context, { from, to, groupBy }: AgentStatisticsArgs): Promise<AgentStatistics[]> {
  const ms = Date.parse(to) - Date.parse(from);
  if (ms <= 0) throw new BadUserInput([{ path: "to", message: "The end of the period must be after its start." }]);
  if (ms > MAX_DAYS * 86_400_000) throw new BadUserInput([{ path: "to", message: `The period has more than ${MAX_DAYS} days.` }]);
  return ctx.read((tx) => selectAgentStatistics(tx, { from, to, groupBy: groupBy ?? null }));
}
