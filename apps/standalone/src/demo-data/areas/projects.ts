import type { DemoArea } from "../area.js";
import type { Stage } from "../stage.js";
import type { Story } from "../timeline.js";
import { phasesOf } from "./phases.js";

/** Two running projects, and a project in phases: its phases are its milestones, each with a task. */
export const projects: DemoArea = {
  name: "projects",
  stories: (stage) => [
    project(stage, 62, {
      code: "HVAC",
      name: "Air conditioning replacement",
      description: "New chillers on the roof of the headquarters, floor by floor, without closing an office for more than a day.",
      budget: 24_000_000,
      comments: [
        "The crane is booked; the street needs a permit.",
        "Floors 1 and 2 are done. Noise was not a problem before 8 a.m.",
        "The second chiller will arrive a week late.",
      ],
    }),
    project(stage, 27, {
      code: "DOCK",
      name: "Fourth loading dock",
      description: "One more dock at the warehouse, with a door as high as a trailer.",
      budget: 8_650_000,
      comments: ["The building permit has arrived.", "Foundations are poured; the door is ordered."],
    }),
    inPhases(stage),
  ],
};

interface Plan {
  readonly code: string;
  readonly name: string;
  readonly description: string;
  /** In cents. */
  readonly budget: number;
  readonly comments: readonly string[];
}

async function* project(stage: Stage, made: number, { comments, budget, ...plan }: Plan): Story {
  const manager = stage.as("manager");
  yield made;
  const { createProject } = await stage
    .as("admin")
    .api.run<{ createProject: { project: { workflow: { id: string } } } }>(
      "mutation DemoProject($input: CreateProjectInput!) { createProject(input: $input) { project { workflow { id } } } }",
      { input: { ...plan, budget: { amount: budget, currency: "EUR" } } },
    );
  const { id } = createProject.project.workflow;
  yield made - 3;
  await manager.fire(id, "activate", { comment: "The board approved." });
  for (const [index, comment] of comments.entries()) {
    yield made - 3 - ((made - 4) * (index + 1)) / (comments.length + 1);
    await (index % 2 === 0 ? stage.as("operations") : manager).comment(id, comment);
  }
}

async function* inPhases(stage: Stage): Story {
  const manager = stage.as("manager");
  yield 34;
  const id = await manager.start(
    "phased-project",
    {
      name: "Move of the sales team to floor 2",
      phases: [{ name: "Floor plan and power sockets" }, { name: "Furniture" }, { name: "Network and phones" }],
    },
    stage.buildings.get("HQ"),
  );
  yield 32;
  await manager.fire(id, "start");
  const [plan, furniture] = await phasesOf(manager, id);
  if (plan === undefined || furniture === undefined) throw new Error("The phased project started without its phases.");
  yield 20;
  await stage.as("operations").complete(plan, "finish", { input: { cost: 3_400 } });
  yield 6;
  await stage.as("operations").claim(furniture);
  await stage.as("operations").commentOnTask(furniture, "Sixteen of twenty desks have been delivered.");
}
