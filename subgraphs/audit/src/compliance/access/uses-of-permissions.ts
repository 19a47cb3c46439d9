import type { Permission } from "@weft/shared/viewer";

/**
 * Actions of the audit log by which users use a permission: those that need it. `webhook.*`: all actions about objects of that type. Permissions that are
 * absent, above all those to read, are used without an entry. An action that needs one of several permissions belongs to each of them.
 */
const actionsOf: Readonly<Record<string, string>> = {
  "tenant.update": "tenant.update tenant.deactivate",
  "user.create": "user.create user.invite user.revokeInvitation",
  "user.update": `user.update user.deactivate user.reactivate user.setPermissions user.setBreakGlass user.resetSecondFactors user.startPasswordReset
    building.assignUsers building.removeUsers`,
  "role.update": "role.* permission.* user.setPermissions",
  "identityProvider.manage": "identityProvider.* domain.*",
  "apiKey.manage": "apiKey.*",
  "team.update": "team.*",
  "definition.create": "definition.create definition.update definition.delete",
  "definition.publish": "definition.publish definition.promote definition.deprecate definition.retire",
  "workflow.start": "workflow.start run.retryFromStep",
  "workflow.fire": "workflow.fire workflow.comment workflow.commentInternally workflow.escalate",
  "workflow.cancel":
    "workflow.cancel workflow.suspend workflow.resume workflow.rollback workflow.cancelTimer workflow.runTimer run.cancel run.pause",
  "workflow.bulk": "workflow.bulkFire workflow.cancelBulk run.bulkCancel run.bulkResume run.bulkRetry",
  "workflow.migrate": "workflow.migrate workflow.bulkMigrate workflow.undoMigration workflow.acceptWeakerRules",
  "routing.update": "routingRule.* user.setSkills",
  "schedule.manage": "schedule.*",
  "trigger.manage": "trigger.*",
  "webhook.manage": "webhook.*",
  "auditStream.manage": "auditStream.*",
  "inboundWebhook.manage": "inboundWebhook.*",
  "incident.resolve": "workflow.resolveIncident",
  "sla.manage": "slaPolicy.* workflow.pauseSla workflow.resumeSla",
  "task.claim": "task.claim task.release task.delegate task.comment task.createLink absence.*",
  "task.complete": "task.complete task.updateChecklistItem task.ask task.withdrawQuestion",
  "task.assign": "task.assign task.update absence.*",
  "request.create": "request.create",
  "request.update": "request.update",
  "request.submit": "request.submit",
  "request.cancel": "request.cancel",
  "request.assign": "request.assign",
  "request.triage": "request.triage request.convert request.link request.unlink request.merge request.split request.tag",
  "request.delete": "request.delete request.restore",
  "request.comment": "request.comment request.editComment request.deleteComment",
  "requestType.create": "requestType.create",
  "requestType.update": "requestType.update requestType.deactivate requestType.reactivate inboundMailAddress.*",
  "building.create": "building.create",
  "building.update": "building.update building.setContact building.removeContact building.assignUsers building.removeUsers space.*",
  "building.delete": "building.delete building.restore",
  "asset.create": "asset.create",
  "asset.update": "asset.update asset.transfer meter.create meter.update",
  "asset.delete": "asset.delete asset.restore",
  "assetType.update": "assetType.*",
  "meter.record": "meter.record meter.read meter.correct",
  "maintenancePlan.create": "maintenancePlan.create",
  "maintenancePlan.update":
    "maintenancePlan.update maintenancePlan.pause maintenancePlan.resume maintenancePlan.shift maintenancePlan.skip",
  "file.create": "file.upload attachment.create",
  "file.delete": "attachment.delete",
  "vendor.create": "vendor.create vendor.startOnboarding vendorRegistrationLink.create vendorRegistrationLink.revoke",
  "vendor.update": "vendor.update vendor.setAvailability vendor.setRates vendor.setServiceAreas",
  "vendor.deactivate": "vendor.deactivate",
  "vendor.approve": "vendor.block vendor.reinstate vendor.suspend",
  "vendor.rate": "vendorRating.*",
  "vendorContact.update": "vendorContact.*",
  "vendorDocument.create": "vendorDocument.create",
  "vendorDocument.update": "vendorDocument.update vendorDocument.remove",
  "vendorDocument.review": "vendorDocument.setRequirements vendorDocument.accept vendorDocument.reject",
  "vendorOffer.answer": "vendorOffer.answer vendorOffer.accept vendorOffer.decline",
  "project.create": "project.create projectTemplate.*",
  "project.update":
    "project.update project.addMember project.removeMember project.updateMember projectCost.* projectDecision.* projectRisk.* milestone.*",
  "project.delete": "project.delete project.restore",
  "contract.create": "contract.create",
  "contract.update": "contract.update contract.createVersion contract.delete contract.restore contractObligation.*",
  "contract.sign": "contract.renew contract.submit contract.terminate",
  "scope.update": "scopeItem.* scopeChange.propose scopeChange.withdraw",
  "scope.approve": "scope.approve",
  "projectTask.update": "projectTask.create projectTask.update projectTask.delete projectTask.restore projectBaseline.* taskDependency.*",
  "projectTask.report": "projectTask.reportProgress",
  "integration.manage": "integration.* integrationTrigger.*",
  "agent.manage": "agent.* modelProvider.*",
  "secret.manage": "secret.*",
  "securityProfile.manage": "securityProfile.*",
  "definitionShare.manage": "definitionShare.*",
  "configuration.update": "configuration.* customFieldSchema.* tenant.pauseDeliveries tenant.resumeDeliveries tenant.discardDeliveries",
  "event.retry": "parkedEvent.*",
  "eventType.update": "eventType.*",
  "audit.verify": "tenant.verify",
  "notification.manage": "notificationRule.* notificationTemplate.* notificationDelivery.resend user.liftMailSuppression",
  "clock.advance": "tenant.advanceClock",
  "platform.update": "tenant.create tenant.update tenant.setPlan tenant.deactivate tenant.reactivate",
  "platform.act": "tenant.actAs tenant.endActAs",
  "application.manage": "application.create application.update application.delete",
  "application.push": "application.push",
  "complianceReport.create": "complianceReport.create complianceReportSchedule.*",
  "complianceReport.delete": "complianceReport.delete",
} satisfies Partial<Record<Permission, string>>;

const permissionsOf = new Map<string, string[]>();
for (const [permission, actions] of Object.entries(actionsOf))
  for (const action of actions.trim().split(/\s+/)) permissionsOf.set(action, [...(permissionsOf.get(action) ?? []), permission]);

/** Returns the actions that need a permission, by name. Null if they are not known one by one. */
export function actionsUsing(permission: string): readonly string[] | null {
  const actions = actionsOf[permission]?.trim().split(/\s+/) ?? [];
  return actions.length === 0 || actions.some((action) => action.endsWith("*")) ? null : actions;
}

/** Whether the audit log shows the use of a permission. */
export const isUseRecorded = (permission: string): boolean => Object.hasOwn(actionsOf, permission);

/** Returns the permissions of which somebody used one by an action. */
export function permissionsUsedBy(action: string): readonly string[] {
  const objects = `${action.slice(0, action.indexOf("."))}.*`;
  return [...(permissionsOf.get(action) ?? []), ...(permissionsOf.get(objects) ?? [])];
}
