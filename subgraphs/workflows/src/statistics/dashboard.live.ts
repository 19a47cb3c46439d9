import type { Context } from "@weft/api/context";
import { cursorOf, liveField } from "@weft/api/live";
import { can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Ctx, FieldResolver, Int, Resolver, Root } from "type-graphql";
import { Dashboard, DashboardArgs, DashboardState } from "./dashboard.type.js";
import { loadState } from "../definitions/state.loader.js";
import { countTasks, readDashboard, type CountedDashboard } from "./dashboard.service.js";
import { assertSeesStatistics } from "./statistics.service.js";

export const DashboardLive = liveField<DashboardArgs, Dashboard>({
  name: "dashboard",
  type: () => Dashboard,
  args: DashboardArgs,
  rule: can("workflow.read"),
  viewerIndependent: ["workflow.read"],
  description:
    "Counters of the instances and tasks that you can see. The subscription sends them when they have changed, at most once a second. Errors: FORBIDDEN (users of vendors), QUERY_LIMIT_EXCEEDED.",
  present: (ctx, args) => readDashboard(ctx, args, null),
  resolve: async (ctx, args, event) => {
    assertSeesStatistics(ctx.viewer);
    return event && readDashboard(ctx, args, cursorOf(ctx, event));
  },
});

@Resolver(() => Dashboard)
export class DashboardResolver {
  @FieldResolver(() => Int)
  async openTasks(@Root() dashboard: CountedDashboard, @Ctx() ctx: Context): Promise<number> {
    return (await countTasks(ctx, dashboard)).open;
  }

  @FieldResolver(() => Int)
  async claimedTasks(@Root() dashboard: CountedDashboard, @Ctx() ctx: Context): Promise<number> {
    return (await countTasks(ctx, dashboard)).claimed;
  }

  @FieldResolver(() => Int)
  async overdueTasks(@Root() dashboard: CountedDashboard, @Ctx() ctx: Context): Promise<number> {
    return (await countTasks(ctx, dashboard)).overdue;
  }
}

@Resolver(() => DashboardState)
export class DashboardStateResolver {
  @FieldResolver(() => String)
  async stateTitle(@Root() place: DashboardState, @Ctx() ctx: Context): Promise<string> {
    return (await loadState(ctx, place)).title;
  }

  @FieldResolver(() => Boolean)
  async isEnded(@Root() place: DashboardState, @Ctx() ctx: Context): Promise<boolean> {
    return (await loadState(ctx, place)).isEnded;
  }
}

export const dashboardModule: SubgraphModule = { resolvers: { workflows: [DashboardResolver, DashboardStateResolver, DashboardLive] } };
