import type { Stage } from "./stage.js";
import type { Story } from "./timeline.js";

/** A part of Acme's history. To add an area, create a file in `areas/` and add it to the list in areas.ts. */
export interface DemoArea {
  /** Name for the log. */
  readonly name: string;
  /** Creates what its stories need (definitions, request types), dated on the first day. */
  readonly prepare?: (stage: Stage) => Promise<void>;
  readonly stories: (stage: Stage) => Story[];
}
