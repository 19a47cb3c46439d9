import { VendorAvailabilityResolver, VendorLoadResolver } from "./availability/availability.resolver.js";
import { ContractPartyResolver, ContractVersionResolver } from "./contracts/contract-version.resolver.js";
import { contractReferences } from "./contracts/contract.loader.js";
import { ContractResolver } from "./contracts/contract.resolver.js";
import { ContractLifetimeResolver } from "./contracts/lifetime/lifetime.resolver.js";
import { ContractObligationResolver } from "./contracts/obligations/obligation.resolver.js";
import { documentReferences } from "./documents/document.loader.js";
import { MissingVendorDocumentResolver, VendorDocumentResolver, VendorDocumentsResolver } from "./documents/document.resolver.js";
import { VendorDocumentRequirementResolver } from "./documents/requirement.resolver.js";
import { milestoneReferences } from "./milestones/milestone.loader.js";
import { MilestoneResolver, ProjectMilestonesResolver } from "./milestones/milestone.resolver.js";
import { defineSubgraph } from "@weft/shared";
import type { Subgraph, SubgraphOptions } from "@weft/shared";
import { ContractSpendResolver, ProjectCostResolver, ProjectCostsResolver } from "./project-costs/project-cost.resolver.js";
import { ProjectDecisionResolver } from "./project-decisions/project-decision.resolver.js";
import { ProjectHealthResolver } from "./project-health/project-health.resolver.js";
import { ProjectTemplateResolver } from "./project-templates/project-template.resolver.js";
import { ProjectRiskResolver } from "./project-risks/project-risk.resolver.js";
import { ProjectMemberResolver } from "./project-members/project-member.resolver.js";
import { ProjectPhaseResolver } from "./project-phases/project-phase.resolver.js";
import { ProjectVendorResolver, ProjectVendorsResolver } from "./project-vendors/project-vendor.resolver.js";
import { DeleteProjectResolver } from "./projects/delete-project.resolver.js";
import { VendorFigureResolver, VendorPerformanceResolver, VendorWorkResolver } from "./performance/performance.resolver.js";
import { loadProjects } from "./projects/project.loader.js";
import { ProjectPlanResolver, ProjectTaskScheduleResolver } from "./project-schedule/planned-fields.resolver.js";
import {
  ProjectScheduleResolver,
  ScheduledTaskResolver,
  ScheduleViolationResolver,
  VendorOverbookingResolver,
  ShiftedTaskResolver,
} from "./project-schedule/project-schedule.resolver.js";
import { ProjectTaskDependenciesResolver, TaskDependencyResolver } from "./project-tasks/dependency.resolver.js";
import { BaselineTaskResolver, ProjectBaselineResolver, ProjectBaselinesResolver } from "./project-baselines/baseline.resolver.js";
import { ProjectScopeResolver, ScopeVersionResolver } from "./project-scope/scope.resolver.js";
import { scopeChangeReferences } from "./scope-changes/scope-change.loader.js";
import { ScopeChangeResolver } from "./scope-changes/scope-change.resolver.js";
import { WorkloadResolver } from "./workload/workload.resolver.js";
import { projectTaskReferences } from "./project-tasks/project-task.loader.js";
import { ProjectTaskResolver } from "./project-tasks/project-task.resolver.js";
import { ProjectResolver } from "./projects/project.resolver.js";
import { Request } from "./references.js";
import { RatingResolver, RequestRatingResolver, VendorRatingsResolver } from "./ratings/rating.resolver.js";
import { VendorContactResolver } from "./vendor-contacts/vendor-contact.resolver.js";
import { VendorRateResolver } from "./vendor-rates/vendor-rate.resolver.js";
import { RegistrationLinkResolver, VendorRegistrationResolver } from "./vendor-registration/registration-link.resolver.js";
import { RegistrationResolver } from "./vendor-registration/registration.resolver.js";
import { ServiceAreaResolver } from "./vendor-service-areas/service-area.resolver.js";
import { SuggestionResolver } from "./suggestions/suggestion.resolver.js";
import { loadVendors } from "./vendors/vendor.loader.js";
import { VendorStatusResolver } from "./vendors/vendor-status.resolver.js";
import { VendorOnboardingResolver } from "./vendors/vendor-onboarding.resolver.js";
import { VendorResolver } from "./vendors/vendor.resolver.js";

/** The vendors subgraph: vendors, projects with their plans and scopes, and contracts. */
export function vendorsSubgraph(options: SubgraphOptions = {}): Subgraph {
  return defineSubgraph({
    ...options,
    name: "vendors",
    resolvers: {
      vendors: [
        VendorResolver,
        VendorStatusResolver,
        VendorOnboardingResolver,
        RegistrationLinkResolver,
        VendorRegistrationResolver,
        RegistrationResolver,
        VendorContactResolver,
        VendorRateResolver,
        ServiceAreaResolver,
        VendorAvailabilityResolver,
        VendorLoadResolver,
        SuggestionResolver,
        RatingResolver,
        RequestRatingResolver,
        VendorRatingsResolver,
        VendorPerformanceResolver,
        VendorFigureResolver,
        VendorWorkResolver,
        VendorDocumentResolver,
        VendorDocumentsResolver,
        MissingVendorDocumentResolver,
        VendorDocumentRequirementResolver,
      ],
      contracts: [
        ContractResolver,
        ContractLifetimeResolver,
        ContractVersionResolver,
        ContractPartyResolver,
        ContractObligationResolver,
        ContractSpendResolver,
      ],
      projects: [
        ProjectResolver,
        DeleteProjectResolver,
        ProjectMemberResolver,
        ProjectVendorsResolver,
        ProjectVendorResolver,
        ProjectPhaseResolver,
        ProjectTaskResolver,
        ProjectTaskDependenciesResolver,
        TaskDependencyResolver,
        ProjectPlanResolver,
        ProjectTaskScheduleResolver,
        ProjectScheduleResolver,
        ScheduledTaskResolver,
        ScheduleViolationResolver,
        VendorOverbookingResolver,
        ShiftedTaskResolver,
        ProjectBaselinesResolver,
        ProjectBaselineResolver,
        BaselineTaskResolver,
        ProjectScopeResolver,
        ScopeVersionResolver,
        ScopeChangeResolver,
        WorkloadResolver,
        MilestoneResolver,
        ProjectMilestonesResolver,
        ProjectCostResolver,
        ProjectCostsResolver,
        ProjectRiskResolver,
        ProjectHealthResolver,
        ProjectTemplateResolver,
        ProjectDecisionResolver,
      ],
    },
    references: {
      // The field that ratings add to a request requires its ID, which only its owner provides. So the owner decides who can see it.
      Request: (_ctx, ids) => Promise.resolve(ids.map(Request.of)),
      Contract: contractReferences,
      Vendor: loadVendors,
      VendorDocument: documentReferences,
      Project: loadProjects,
      ProjectTask: projectTaskReferences,
      ScopeChange: scopeChangeReferences,
      Milestone: milestoneReferences,
    },
  });
}
