import type { DemoArea } from "../area.js";

const saveView = "mutation DemoView($input: SaveViewInput!) { saveView(input: $input) { view { id } } }";

/** Views that everybody at Acme, a team, or one user opens each day. */
export const savedViews: DemoArea = {
  name: "saved views",
  async prepare(stage) {
    const views = [
      {
        list: "REQUESTS",
        name: "Open, most urgent first",
        visibility: "TENANT",
        filter: { closedAt: { isNull: true } },
        orderBy: { field: "PRIORITY", direction: "DESC" },
        columns: ["number", "data", "priority", "state", "createdAt"],
      },
      {
        list: "REQUESTS",
        name: "Nobody assigned",
        visibility: "TENANT",
        filter: { closedAt: { isNull: true }, assignee: { isNull: true } },
        columns: ["number", "data", "state", "createdAt"],
      },
      {
        list: "REQUESTS",
        name: "Service level at risk",
        visibility: "TEAM",
        teamId: stage.teams.get("facilities"),
        filter: { sla: { status: { in: ["WARNING", "BREACHED"] } } },
        columns: ["number", "data", "state", "createdAt"],
      },
      {
        list: "ASSETS",
        name: "Fire safety",
        visibility: "TENANT",
        filter: { type: { eq: "fire_safety" } },
        orderBy: { field: "TAG", direction: "ASC" },
        columns: ["tag", "name", "status"],
      },
    ];
    const own = [
      {
        by: "operations",
        name: "Urgent and nobody assigned",
        filter: { closedAt: { isNull: true }, priority: { in: ["HIGH", "URGENT"] }, assignee: { isNull: true } },
        columns: ["number", "data", "priority", "dueAt"],
      },
      {
        by: "manager",
        name: "Waiting for my decision",
        filter: { state: { in: ["approval", "second_approval", "committee"] } },
        columns: ["number", "data", "priority", "createdAt"],
      },
    ];
    for (const { by, ...view } of own)
      await stage
        .as(by)
        .api.run(saveView, { input: { ...view, list: "REQUESTS", visibility: "PRIVATE", idempotencyKey: `demo:view:${view.name}` } });
    for (const view of views) await stage.as("admin").api.run(saveView, { input: { ...view, idempotencyKey: `demo:view:${view.name}` } });
  },
  stories: () => [],
};
