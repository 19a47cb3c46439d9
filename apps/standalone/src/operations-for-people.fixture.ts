/**
 * Mutations that runs cannot use although they require no recent login (those never do). The others are in `mutationsOfRuns` of `@weft/api/step-operations`, where the
 * criteria are. Names by what they are.
 */
export const forPeople: Readonly<Record<string, string>> = {
  "logs people in, or uses a link or token of theirs": `
    acceptInvitation changePassword completeLogin completeSingleSignOn completeTaskByLink login loginWithDirectory loginWithPasskey
    reauthenticate receiveLogoutToken receiveSamlResponse receiveSingleSignOn refreshSession registerOrganization registerPasskey
    registerVendor requestPasswordReset resetPassword startPasskeyAssertion startPasskeyLogin startSingleSignOn submitRequestByLink
    unsubscribeFromNotifications verifyEmail`,
  "takes access away or stops what others have set up": `
    blockVendor deactivateTrigger deactivateUser deactivateVendor declineDefinitionShare deleteAgent deleteAuditStream deleteComplianceReportSchedule deleteInboundMailAddress deleteInboundWebhook
    deleteIntegration deleteIntegrationTrigger deleteModelProvider deleteSchedule deleteSecret deleteTeam deleteTrigger deleteWebhook
    endOperatorSession logout pauseDeliveries pauseSchedule pauseWebhook removeNotificationDestination
    removeTeamNotificationDestination revokeApiKey revokeDefinitionShare revokeInvitation revokeOtherSessions revokeRequestFormLink revokeSession
    revokeUserSessions revokeVendorRegistrationLink suspendVendor unpublishNotificationTemplate`,
  "makes what people have set up act, also outside, or gives up its work": `
    startSharedWorkflow backfillSchedule callIntegration checkIntegration confirmNotificationDestination liftMailSuppression pollIntegrationTrigger
    redeliverWebhook resendNotificationDelivery resumeDeliveries resumeSchedule resumeWebhook retryInboundMessages
    retryIntegrationCall retryParkedEvents retryTriggerRun runScheduleNow sendTestNotification skipParkedEvents testIdentityProvider
    testTeamNotificationDestination testWebhook undoMigration`,
  "reports of external workers, which are processes of their own": `
    appendStepLog completeStep completeSteps extendStepLeases failStep releaseSteps takeSteps`,
  "the user's own view and absence, and links to the user's tasks": `
    announceRequestActivity archiveNotification createTaskLink deleteView endAbsence markAllNotificationsRead markNotificationRead renamePasskey
    requestEmailVerification saveView setAbsence unwatchRequest updateAbsence updateNotificationPreferences updateProfile updateView
    watchRequest`,
  "what clients of the organization may send": `
    createApplication deleteApplication pushOperations retireOperations updateApplication`,
  "drafts, which people publish": `
    cloneDefinition copySharedDefinition createDefinition createNotificationTemplate deleteDefinition deleteNotificationTemplate
    importDefinitionTemplate updateDefinition updateNotificationTemplate`,
  "how work is sorted and measured": `
    reactivateAssetType reactivateRequestType createAssetType createNotificationRule createRequestType createRoutingRule createSlaPolicy
    createTeam deactivateAssetType deactivateRequestType declareEventType deleteEventType deleteNotificationRule deleteRoutingRule
    deleteSlaPolicy pauseSla resumeSla setUserSkills updateAssetType updateCustomFields updateEventType updateNotificationRule
    updateRequestType updateRoutingRule updateSlaPolicy updateTeam updateTenant`,
  "decisions and tasks of people, and interventions in other workflows": `
    answerQuestion askForInformation assignTask bulkChangeRuns bulkFireTransition cancelBulkOperation cancelRun cancelTimer claimTask completeTask
    decideAgentToolCall delegateTask fireTransition pauseRun releaseTask rerunWorkflow rescheduleTimer resolveIncident resumeRun
    retryFromStep rollbackWorkflow updateChecklistItem withdrawQuestion`,
  "triage, decisions and corrections of requests": `
    cancelRequest closeRequest convertRequest deleteRequest deleteRequestComment editRequestComment mergeRequests offerToVendor
    reopenRequest restoreRequest splitRequest triageRequest`,
  "transfers, life cycles and maintenance plans of assets, of which plans act later in the name of their author": `
    createMaintenancePlan startAssetLifecycle transferAsset updateMaintenancePlan`,
  "offers, reviews, ratings, approvals and removals of vendors and contracts": `
    acceptOffer addVendorDocument declineOffer deleteContract inviteVendor rateVendor reinstateVendor removeContractObligation
    removeVendorContact removeVendorDocument renewContract restoreContract reviewVendorDocument setVendorAvailability
    setVendorDocumentRequirements setVendorRates setVendorServiceAreas startVendorOnboarding submitContract terminateContract
    updateVendorDocument`,
  "members, approvals, decisions and removals of projects": `
    addProjectMember approveScope assignProjectVendor closeProjectDecision closeProjectRisk correctProjectCost createProjectDecision
    createScopeItem deleteMilestone deleteProject deleteProjectTask deleteProjectTemplate proposeScopeChange refreshScopeChange
    removeProjectMember deleteScopeItem restoreMilestone restoreProject restoreProjectTask saveProjectTemplate setProjectBaseline
    submitMilestone unassignProjectVendor updateProjectDecision updateProjectMember updateProjectPlan updateScopeItem voidProjectCost
    withdrawScopeChange`,
  "files, and what continues later with all rights of its author": `
    attachFile cancelAuditExport cancelExport cancelImport createImport createUpload deleteAttachment startImport`,
  "decisions on the data of people": `
    declinePrivacyRequest withdrawPrivacyRequest`,
  "the clock of demos, and checks of the audit trail": `
    advanceClock startAuditVerification`,
};
