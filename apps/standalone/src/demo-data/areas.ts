import type { DemoArea } from "./area.js";
import { agents } from "./areas/agents.js";
import { automations } from "./areas/automations.js";
import { inspections } from "./areas/inspections.js";
import { maintenance } from "./areas/maintenance.js";
import { notificationTemplates } from "./areas/notification-templates.js";
import { onboarding } from "./areas/onboarding.js";
import { processes } from "./areas/processes.js";
import { projects } from "./areas/projects.js";
import { purchases } from "./areas/purchases.js";
import { renovation } from "./areas/renovation.js";
import { routine } from "./areas/routine.js";
import { savedViews } from "./areas/saved-views.js";
import { vendorRecords } from "./areas/vendor-records.js";

/** The areas in the order in which they are created. */
export const demoAreas: readonly DemoArea[] = [
  maintenance,
  purchases,
  onboarding,
  processes,
  projects,
  inspections,
  renovation,
  routine,
  savedViews,
  notificationTemplates,
  vendorRecords,
  automations,
  agents,
];
