/**
 * What runs can do with the API. Only mutations of this list: everyday work on data, which the rights of the owner and the publisher decide. A new mutation
 * belongs here, or to `forPeople` of the test of all mutations, which fails until it is decided. Ask what somebody could do with it who has published a
 * definition that others start. Not here: what stands for the decision of a person, continues later with all rights of its author, lets data out,
 * or changes who can do what.
 */
const MUTATIONS = {
  "workflows and tasks, without the decisions of people": `
    cancelWorkflow commentOnTask commentOnWorkflow publishEvent resumeWorkflow startWorkflow suspendWorkflow updateTask`,
  requests: `
    assignRequest commentOnRequest createRequest linkRequests submitRequest unlinkRequests updateRequest`,
  "buildings, assets and their maintenance": `
    correctMeterReading createAsset createBuilding createMeter createSpace deleteAsset deleteBuilding deleteSpace moveSpace
    pauseMaintenancePlan recordMeterReading removeBuildingContact restoreAsset restoreBuilding restoreSpace resumeMaintenancePlan setBuildingContact
    shiftOccurrence skipOccurrence updateAsset updateBuilding updateMeter updateSpace`,
  "vendors and contracts, without reviews, ratings and approvals": `
    addContractObligation addVendorContact completeContractObligation createContract createContractVersion createVendor updateContract
    updateContractObligation updateVendor updateVendorContact`,
  "projects, without members, approvals and decisions": `
    addTaskDependency createMilestone createProject createProjectRisk createProjectTask moveProjectTask recordProjectCost removeTaskDependency
    reportProjectTaskProgress updateMilestone updateProject updateProjectRisk updateProjectTask updateTaskDependency`,
};

/** The mutations that runs can use. */
export const mutationsOfRuns: ReadonlySet<string> = new Set(Object.values(MUTATIONS).flatMap((names) => names.trim().split(/\s+/)));

/** Queries that runs cannot use, because they show what is the user's own rather than what a permission allows. */
export const personalQueries: ReadonlySet<string> = new Set(
  `agentToolCall auditExport auditExports awaitedAgentToolCalls export exports file import importProblems imports limits me notificationPreferences notifications savedView savedViews secondFactors sessions unreadNotificationCount`.split(
    " ",
  ),
);
