/**
 * Whether a mutation requires a recent login. A new mutation belongs to one of these groups: ask what somebody who finds an unlocked device could do with
 * it that lasts after the session has ended, or that nobody can undo. Names by the reason.
 */
type Groups = Readonly<Record<string, string>>;

/** Mutations that require a recent login. */
export const risky: Groups = {
  "rights: what somebody can do, and what is denied to them": `
    addTeamMember assignBuildingUsers createPermission createRole createUser deleteRole inviteUser reactivateUser
    unassignBuildingUsers removeTeamMember resendInvitation sendScimRequest setRolePermissions setUserPermissions updateRole updateUser`,
  "how people log in": `
    activateIdentityProvider activateIdentityProviderKey addDomain confirmTotp createIdentityProvider deactivateIdentityProvider deleteIdentityProvider removeTotp
    enrolTotp regenerateRecoveryCodes removeDomain removePasskey resetSecondFactors rotateIdentityProviderKey setBreakGlass
    startPasskeyRegistration
    startPasswordReset unlinkIdentity unlinkUserIdentity updateIdentityProvider verifyDomain`,
  "whole organizations, and acting in them": `
    actAsTenant archiveTenant createTenant deactivateTenant reactivateTenant restoreTenant setTenantPlan`,
  "settings, of which some protect everybody": `
    createSecurityProfile deleteSecurityProfile rollbackConfiguration updateConfiguration updateContractConfiguration updatePlanConfiguration
    updatePlatformConfiguration updateSecurityProfile`,
  "what acts in the name of its author after the session has ended": `
    activateTrigger createComplianceReportSchedule createIntegrationTrigger createSchedule createTrigger replayEventsToTrigger updateIntegrationTrigger
    updateSchedule updateTrigger`,
  "ways for others to come in, in the name of the author": `
    acceptDefinitionShare createInboundMailAddress createInboundWebhook createRequestFormLink createVendorRegistrationLink
    offerDefinitionShare rotateInboundWebhookSecret updateDefinitionShare updateInboundMailAddress updateInboundWebhook`,
  "programs that act in somebody's name": `
    createApiKey createServiceAccount rotateApiKey updateApiKey`,
  "ways for data to go out, and secrets": `
    addNotificationDestination addTeamNotificationDestination createAgent createAuditStream createComplianceReport createIntegration createModelProvider createSecret createWebhook exportAssets exportAuditEntries exportBuildings
    exportRequests replayEvents rotateWebhookSecret updateAgent updateAuditStream updateIntegration updateModelProvider updateSecret updateTeamNotificationDestination updateWebhook`,
  "publishing: what everybody works with from then on": `
    deprecateDefinition migrateInstances promoteDefinition publishDefinition publishNotificationTemplate retireDefinition`,
  "personal data: what goes out, what is erased, and what stops that": `
    anonymisePerson approvePrivacyRequest createLegalHold endLegalHold erasePerson exportPerson`,
  "deletions that nobody can undo, of work that waits and of evidence": `
    deleteComplianceReport discardWaitingDeliveries`,
};

/** Mutations that do not. */
export const harmless: Groups = {
  "which operations applications can name: gives nobody more rights, and an API key of a build does it without a person": `
    createApplication deleteApplication pushOperations retireOperations updateApplication`,
  "needs no session, or checks a password, code or token itself": `
    acceptInvitation changePassword completeLogin completeSingleSignOn completeTaskByLink login loginWithDirectory loginWithPasskey
    reauthenticate receiveLogoutToken receiveSamlResponse receiveSingleSignOn refreshSession registerOrganization registerPasskey registerVendor
    requestPasswordReset resetPassword startPasskeyAssertion startPasskeyLogin startSingleSignOn submitRequestByLink
    unsubscribeFromNotifications verifyEmail`,
  "takes access away or stops something, which must be quick in an emergency": `
    blockVendor deactivateTrigger deactivateUser deactivateVendor declineDefinitionShare deleteAgent deleteAuditStream deleteComplianceReportSchedule deleteInboundMailAddress deleteInboundWebhook
    deleteIntegration deleteIntegrationTrigger deleteModelProvider deleteSchedule deleteSecret deleteTeam deleteTrigger deleteWebhook endOperatorSession
    logout pauseDeliveries pauseSchedule pauseWebhook removeNotificationDestination removeTeamNotificationDestination
    revokeApiKey revokeDefinitionShare revokeInvitation revokeOtherSessions revokeRequestFormLink revokeSession revokeUserSessions
    revokeVendorRegistrationLink suspendVendor unpublishNotificationTemplate`,
  "uses, tests or continues what was set up with a recent login, without changing it": `
    backfillSchedule callIntegration checkIntegration copySharedDefinition startSharedWorkflow confirmNotificationDestination liftMailSuppression
    pollIntegrationTrigger redeliverWebhook resendNotificationDelivery resumeDeliveries resumeSchedule resumeWebhook
    retryInboundMessages retryIntegrationCall retryParkedEvents retryTriggerRun runScheduleNow sendTestNotification
    skipParkedEvents testIdentityProvider testTeamNotificationDestination testWebhook undoMigration`,
  "concerns only the user's own view, or goes only to the user's own address": `
    announceRequestActivity archiveNotification createTaskLink deleteView endAbsence markAllNotificationsRead markNotificationRead
    renamePasskey requestEmailVerification saveView setAbsence unwatchRequest updateAbsence updateNotificationPreferences updateProfile
    updateView watchRequest`,
  "drafts, which have no effect until they are published": `
    cloneDefinition createDefinition createNotificationTemplate deleteDefinition deleteNotificationTemplate
    importDefinitionTemplate updateDefinition updateNotificationTemplate`,
  "how work is sorted and measured: gives nobody more rights, and an administrator changes it back": `
    reactivateAssetType reactivateRequestType createAssetType createNotificationRule createRequestType createRoutingRule
    createSlaPolicy createTeam deactivateAssetType deactivateRequestType declareEventType deleteEventType
    deleteNotificationRule deleteRoutingRule deleteSlaPolicy pauseSla resumeSla setUserSkills updateAssetType
    updateCustomFields updateEventType updateNotificationRule updateRequestType updateRoutingRule updateSlaPolicy updateTeam
    updateTenant`,
  "work of external workers, which the publisher of the definition has asked for": `
    appendStepLog completeStep completeSteps extendStepLeases failStep releaseSteps takeSteps`,
  "everyday work on tasks and workflows": `
    answerQuestion askForInformation assignTask bulkChangeRuns bulkFireTransition cancelBulkOperation cancelRun cancelTimer cancelWorkflow claimTask
    commentOnTask commentOnWorkflow completeTask decideAgentToolCall delegateTask fireTransition pauseRun publishEvent releaseTask rerunWorkflow
    rescheduleTimer resolveIncident resumeRun resumeWorkflow retryFromStep rollbackWorkflow startWorkflow suspendWorkflow updateChecklistItem updateTask
    withdrawQuestion`,
  "everyday work on requests": `
    assignRequest cancelRequest closeRequest commentOnRequest convertRequest createRequest deleteRequest
    deleteRequestComment editRequestComment linkRequests mergeRequests offerToVendor reopenRequest restoreRequest
    splitRequest submitRequest triageRequest unlinkRequests updateRequest`,
  "everyday work on buildings, assets and their maintenance; deleted objects can be restored": `
    correctMeterReading createAsset createBuilding createMaintenancePlan createMeter createSpace deleteAsset deleteBuilding
    deleteSpace moveSpace pauseMaintenancePlan recordMeterReading removeBuildingContact restoreAsset restoreBuilding
    restoreSpace resumeMaintenancePlan setBuildingContact shiftOccurrence skipOccurrence startAssetLifecycle transferAsset
    updateAsset updateBuilding updateMaintenancePlan updateMeter updateSpace`,
  "everyday work on vendors and contracts; contracts and new vendors have approvals of their own": `
    acceptOffer addContractObligation addVendorContact addVendorDocument completeContractObligation createContract
    createContractVersion createVendor declineOffer deleteContract inviteVendor rateVendor reinstateVendor
    removeContractObligation removeVendorContact removeVendorDocument renewContract restoreContract reviewVendorDocument
    setVendorAvailability setVendorDocumentRequirements setVendorRates setVendorServiceAreas startVendorOnboarding
    submitContract terminateContract updateContract updateContractObligation updateVendor updateVendorContact
    updateVendorDocument`,
  "everyday work on projects; membership reaches only one project": `
    addProjectMember addTaskDependency approveScope assignProjectVendor closeProjectDecision closeProjectRisk
    correctProjectCost createMilestone createProject createProjectDecision createProjectRisk createProjectTask
    createScopeItem deleteMilestone deleteProject deleteProjectTask deleteProjectTemplate moveProjectTask proposeScopeChange
    recordProjectCost refreshScopeChange removeProjectMember deleteScopeItem removeTaskDependency reportProjectTaskProgress
    restoreMilestone restoreProject restoreProjectTask saveProjectTemplate setProjectBaseline submitMilestone
    unassignProjectVendor updateMilestone updateProject updateProjectDecision updateProjectMember updateProjectPlan
    updateProjectRisk updateProjectTask updateScopeItem updateTaskDependency voidProjectCost withdrawScopeChange`,
  "files and imports, with the rights of each object": `
    attachFile cancelAuditExport cancelExport cancelImport createImport createUpload deleteAttachment startImport`,
  "leaves personal data as it is": `
    declinePrivacyRequest withdrawPrivacyRequest`,
  "only reads, or exists only in demos": `
    advanceClock startAuditVerification`,
};

/** Returns the names in all groups. */
export const namesIn = (groups: Groups): string[] => Object.values(groups).flatMap((names) => names.trim().split(/\s+/));
