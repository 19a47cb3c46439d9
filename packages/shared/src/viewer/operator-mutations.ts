/**
 * What a platform operator who acts in a tenant can call. The permissions of the session decide about resources (`operatorPermissions`); this table decides
 * about what stays. A mutation whose effect reaches out or works on after the session ends, such as a link, a destination, a definition, an export or an
 * import, is withheld, whatever the permissions say. A test requires that each mutation is in one of the groups; until then it is withheld.
 */
const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** The work of the tenant, where its users can see and undo it. */
const work = words(`
    reactivateAssetType reactivateRequestType addContractObligation addProjectMember addTaskDependency addVendorContact addVendorDocument
    announceRequestActivity answerQuestion approveScope askForInformation assignProjectVendor assignRequest assignTask blockVendor cancelAuditExport cancelBulkOperation cancelExport
    cancelImport cancelRequest cancelRun cancelTimer cancelWorkflow claimTask closeProjectDecision closeProjectRisk closeRequest
    commentOnTask commentOnWorkflow completeContractObligation completeTask convertRequest correctMeterReading correctProjectCost
    createAsset createAssetType createBuilding createContract createContractVersion createMeter createMilestone createProject
    createProjectDecision createProjectRisk createProjectTask createRequest createRequestType createScopeItem createSpace createVendor
    deactivateAssetType deactivateRequestType deactivateVendor decideAgentToolCall delegateTask deleteAsset deleteBuilding deleteContract
    deleteDefinition deleteInboundMailAddress deleteMilestone deleteProject deleteProjectTask deleteProjectTemplate deleteRequest
    deleteRequestComment deleteSpace deprecateDefinition editRequestComment endAbsence fireTransition linkRequests mergeRequests
    moveProjectTask moveSpace offerToVendor pauseRun proposeScopeChange rateVendor recordProjectCost refreshScopeChange reinstateVendor
    releaseTask removeBuildingContact removeContractObligation removeProjectMember deleteScopeItem removeTaskDependency removeVendorContact
    removeVendorDocument renewContract reopenRequest reportProjectTaskProgress rerunWorkflow rescheduleTimer restoreAsset restoreBuilding
    restoreContract restoreMilestone restoreProject restoreProjectTask restoreRequest restoreSpace resumeRun resumeWorkflow
    retireDefinition retryFromStep reviewVendorDocument revokeRequestFormLink revokeVendorRegistrationLink rollbackWorkflow
    saveProjectTemplate setAbsence setBuildingContact setProjectBaseline setVendorAvailability setVendorDocumentRequirements setVendorRates
    setVendorServiceAreas splitRequest startAssetLifecycle startAuditVerification startVendorOnboarding startWorkflow submitContract
    submitMilestone submitRequest suspendVendor suspendWorkflow terminateContract transferAsset triageRequest unassignProjectVendor
    unlinkRequests unwatchRequest updateAbsence updateAsset updateAssetType updateBuilding updateChecklistItem updateContract
    updateContractObligation updateMeter updateMilestone updateProject updateProjectDecision updateProjectMember updateProjectPlan
    updateProjectRisk updateProjectTask updateRequest updateRequestType updateScopeItem updateSpace updateTask updateTaskDependency
    updateVendor updateVendorContact updateVendorDocument voidProjectCost watchRequest withdrawQuestion withdrawScopeChange`);

/** The operator's own session and messages. */
const own = words(`
    archiveNotification logout markAllNotificationsRead markNotificationRead removeNotificationDestination removePasskey
    revokeOtherSessions revokeSession startPasskeyAssertion unlinkIdentity`);

/** What anybody can do without a login. */
const open = words(`
    acceptInvitation completeLogin completeSingleSignOn completeTaskByLink login loginWithDirectory loginWithPasskey receiveLogoutToken
    receiveSamlResponse receiveSingleSignOn refreshSession registerOrganization registerVendor requestPasswordReset resetPassword
    startPasskeyLogin startSingleSignOn submitRequestByLink unsubscribeFromNotifications verifyEmail`);

/** What would outlast the session: it reaches people or systems outside, or goes on working. */
const lasting = words(`
    addNotificationDestination cloneDefinition confirmNotificationDestination copySharedDefinition createComplianceReport createComplianceReportSchedule createDefinition createImport
    createInboundMailAddress createRequestFormLink createTaskLink createVendorRegistrationLink exportAssets exportAuditEntries exportBuildings exportRequests
    importDefinitionTemplate inviteVendor promoteDefinition publishDefinition startImport updateDefinition updateInboundMailAddress updateNotificationPreferences`);

/** Accounts, rights, credentials, connections and configuration of the tenant, which no permission of the session reaches either. */
const withheld = words(`
    appendStepLog completeStep completeSteps extendStepLeases failStep releaseSteps takeSteps
    acceptDefinitionShare acceptOffer actAsTenant activateIdentityProvider activateIdentityProviderKey activateTrigger addDomain
    addTeamMember addTeamNotificationDestination advanceClock archiveTenant createApplication deleteApplication pushOperations
    retireOperations updateApplication anonymisePerson approvePrivacyRequest createLegalHold declinePrivacyRequest endLegalHold
    erasePerson exportPerson withdrawPrivacyRequest assignBuildingUsers attachFile backfillSchedule bulkChangeRuns
    bulkFireTransition callIntegration changePassword checkIntegration commentOnRequest confirmTotp createAgent createApiKey createAuditStream
    createIdentityProvider createInboundWebhook createIntegration createIntegrationTrigger createMaintenancePlan createModelProvider
    createNotificationRule createNotificationTemplate createPermission createRole createRoutingRule createSchedule createSecret
    createSecurityProfile createServiceAccount createSlaPolicy createTeam createTenant createTrigger createUpload createUser createWebhook
    deactivateIdentityProvider deactivateTenant deactivateTrigger deactivateUser declareEventType declineDefinitionShare declineOffer
    deleteAgent deleteAttachment deleteAuditStream deleteComplianceReport deleteComplianceReportSchedule deleteEventType deleteIdentityProvider deleteInboundWebhook deleteIntegration deleteIntegrationTrigger
    deleteModelProvider deleteNotificationRule deleteNotificationTemplate deleteRole deleteRoutingRule deleteSchedule deleteSecret
    deleteSecurityProfile deleteSlaPolicy deleteTeam deleteTrigger deleteView deleteWebhook removeTotp discardWaitingDeliveries
    endOperatorSession enrolTotp inviteUser liftMailSuppression migrateInstances offerDefinitionShare pauseDeliveries pauseMaintenancePlan
    pauseSchedule pauseSla pauseWebhook pollIntegrationTrigger publishEvent publishNotificationTemplate reactivateTenant reactivateUser
    reauthenticate recordMeterReading redeliverWebhook regenerateRecoveryCodes registerPasskey unassignBuildingUsers removeDomain
    removeTeamMember removeTeamNotificationDestination renamePasskey replayEvents replayEventsToTrigger requestEmailVerification
    resendInvitation resendNotificationDelivery resetSecondFactors resolveIncident restoreTenant resumeDeliveries resumeMaintenancePlan
    resumeSchedule resumeSla resumeWebhook retryInboundMessages retryIntegrationCall retryParkedEvents retryTriggerRun revokeApiKey
    revokeDefinitionShare revokeInvitation revokeUserSessions rollbackConfiguration rotateApiKey rotateIdentityProviderKey
    rotateInboundWebhookSecret rotateWebhookSecret runScheduleNow saveView sendScimRequest sendTestNotification setBreakGlass
    setRolePermissions setTenantPlan setUserPermissions setUserSkills shiftOccurrence skipOccurrence skipParkedEvents
    startPasskeyRegistration startPasswordReset startSharedWorkflow testIdentityProvider testTeamNotificationDestination testWebhook
    undoMigration unlinkUserIdentity unpublishNotificationTemplate updateAgent updateApiKey updateAuditStream updateConfiguration updateContractConfiguration
    updateCustomFields updateDefinitionShare updateEventType updateIdentityProvider updateInboundWebhook updateIntegration
    updateIntegrationTrigger updateMaintenancePlan updateModelProvider updateNotificationRule updateNotificationTemplate
    updatePlanConfiguration updatePlatformConfiguration updateProfile updateRole updateRoutingRule updateSchedule updateSecret
    updateSecurityProfile updateSlaPolicy updateTeam updateTeamNotificationDestination updateTenant updateTrigger updateUser updateView
    updateWebhook verifyDomain`);

const allowed: ReadonlySet<string> = new Set([...work, ...own, ...open]);

/** Whether a platform operator who acts in a tenant can call the mutation, if the permissions of the session allow it. */
export const isOperatorMutation = (name: string): boolean => allowed.has(name);

/** All classified mutations, by group. */
export const operatorMutations = { work, own, open, lasting, withheld };
