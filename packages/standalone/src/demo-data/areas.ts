import { maintenance } from "./areas/maintenance.js";
import { onboarding } from "./areas/onboarding.js";
import { processes } from "./areas/processes.js";
import { projects } from "./areas/projects.js";
import { purchases } from "./areas/purchases.js";
import type { Stage } from "./stage.js";
import type { Story } from "./timeline.js";

/** A part of Acme's past. A new area is a file in `areas/` and a line in the list below. */
export interface DemoArea {
  /** For the log. */
  readonly name: string;
  /** Makes what its stories need (definitions, request types) as of the first day. */
  readonly prepare?: (stage: Stage) => Promise<void>;
  readonly stories: (stage: Stage) => Story[];
}

export const demoAreas: readonly DemoArea[] = [maintenance, purchases, onboarding, processes, projects];
