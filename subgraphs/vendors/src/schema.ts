import { ContractPartyResolver, ContractVersionResolver } from "./contracts/contract-version.resolver.js";
import { contractReferences } from "./contracts/contract.loader.js";
import { ContractResolver } from "./contracts/contract.resolver.js";
import { ContractLifetimeResolver } from "./contracts/lifetime/lifetime.resolver.js";
import { defineSubgraph } from "@weft/shared";
import type { Subgraph, SubgraphOptions } from "@weft/shared";
import { ProjectMemberResolver } from "./project-members/project-member.resolver.js";
import { ProjectPhaseResolver } from "./project-phases/project-phase.resolver.js";
import { DeleteProjectResolver } from "./projects/delete-project.resolver.js";
import { VendorFigureResolver, VendorPerformanceResolver, VendorWorkResolver } from "./performance/performance.resolver.js";
import { loadProjects } from "./projects/project.loader.js";
import { ProjectPlanResolver, ProjectTaskScheduleResolver } from "./project-schedule/planned-fields.resolver.js";
import {
  ProjectScheduleResolver,
  ScheduledTaskResolver,
  ScheduleViolationResolver,
  ShiftedTaskResolver,
} from "./project-schedule/project-schedule.resolver.js";
import { ProjectTaskDependenciesResolver, TaskDependencyResolver } from "./project-tasks/dependency.resolver.js";
import { projectTaskReferences } from "./project-tasks/project-task.loader.js";
import { ProjectTaskResolver } from "./project-tasks/project-task.resolver.js";
import { ProjectResolver } from "./projects/project.resolver.js";
import { RatingResolver, VendorRatingsResolver } from "./ratings/rating.resolver.js";
import { loadVendors } from "./vendors/vendor.loader.js";
import { VendorStatusResolver } from "./vendors/vendor-status.resolver.js";
import { VendorOnboardingResolver } from "./vendors/vendor-onboarding.resolver.js";
import { VendorResolver } from "./vendors/vendor.resolver.js";

/** The vendors subgraph: vendors, projects with their plans, and contracts. */
export function vendorsSubgraph(options: SubgraphOptions = {}): Subgraph {
  return defineSubgraph({
    ...options,
    name: "vendors",
    resolvers: [
      ContractResolver,
      ContractLifetimeResolver,
      ContractVersionResolver,
      ContractPartyResolver,
      VendorResolver,
      VendorStatusResolver,
      VendorOnboardingResolver,
      ProjectResolver,
      DeleteProjectResolver,
      ProjectMemberResolver,
      ProjectPhaseResolver,
      ProjectTaskResolver,
      ProjectTaskDependenciesResolver,
      TaskDependencyResolver,
      ProjectPlanResolver,
      ProjectTaskScheduleResolver,
      ProjectScheduleResolver,
      ScheduledTaskResolver,
      ScheduleViolationResolver,
      ShiftedTaskResolver,
      RatingResolver,
      VendorRatingsResolver,
      VendorPerformanceResolver,
      VendorFigureResolver,
      VendorWorkResolver,
    ],
    references: { Contract: contractReferences, Vendor: loadVendors, Project: loadProjects, ProjectTask: projectTaskReferences },
  });
}
