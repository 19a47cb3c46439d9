import type { EventEnvelope, EventPayload } from "@weft/shared/event-catalog";
import { settingAt } from "@weft/platform/configuration";
import type { Context } from "@weft/api/context";
import { cursorOf, liveField } from "@weft/api/live";
import { Allow, inherit, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Field, Int, ObjectType } from "type-graphql";
import { loadTeam } from "../teams/team.loader.js";
import { Team } from "../teams/team.type.js";
import { ConfigurationLevel } from "./configuration.type.js";
import { reachesTeam, reachesTenant } from "./reach.js";

@ObjectType({ description: "A new version of a configuration took effect." })
@Allow(inherit)
export class ConfigurationChanged {
  @Field(() => String, { description: "Cursor of the event, for `after`." })
  cursor!: string;

  @Field(() => ConfigurationLevel, { description: "Where the value is set." })
  level!: ConfigurationLevel;

  @Field(() => Team, { nullable: true, description: "Team, for the level TEAM." })
  team!: Team | null;

  @Field(() => Int, { description: "The new version." })
  version!: number;

  @Field(() => [String], {
    description: "Paths of the changed settings that you can see. Read `effectiveConfiguration` again.",
  })
  changed!: string[];
}

export const ConfigurationChangedLive = liveField({
  name: "configurationChanged",
  type: () => ConfigurationChanged,
  rule: staff,
  description: "Delivers each new configuration version of your tenant and of teams you can see, if it changed settings you can see.",
  resolve: (ctx, _args, event) => (event === null ? Promise.resolve(null) : changedBy(ctx, event)),
});

async function changedBy(ctx: Context, event: EventEnvelope): Promise<ConfigurationChanged | null> {
  const { level, version, changed } = event.payload as EventPayload<"configuration.changed">;
  const teamId = event.related["team"] ?? null;
  const team = teamId === null ? null : await loadTeam(ctx, teamId);
  if (teamId !== null && team === null) return null;
  const { viewer } = ctx;
  const mayReadAll = teamId === null ? reachesTenant(viewer, "configuration.read") : reachesTeam(viewer, "configuration.read", teamId);
  const seen = changed.filter((path) => mayReadAll || settingAt(path)?.isPublic);
  if (seen.length === 0) return null;
  return Object.assign(new ConfigurationChanged(), {
    cursor: cursorOf(ctx, event),
    level: level as ConfigurationLevel,
    team,
    version,
    changed: seen,
  });
}

export const configurationChangedModule: SubgraphModule = { resolvers: { organizations: [ConfigurationChangedLive] } };
