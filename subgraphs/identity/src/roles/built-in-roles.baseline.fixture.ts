import type { Grant } from "../rights/grant.js";

type ByScope = Readonly<Partial<Record<Grant["scope"], string>>>;

/** Permissions of the built-in roles when migrations began with the baseline, by scope. This list never changes: for a new permission, add a migration. */
const permissions: Readonly<Record<string, ByScope>> = {
  admin: {
    TENANT: `
      tenant.read tenant.update user.read user.create user.update user.provision role.read role.update identityProvider.read
      identityProvider.manage apiKey.read apiKey.manage team.read team.update definition.read definition.create definition.publish workflow.read
      workflow.start workflow.fire workflow.cancel workflow.bulk workflow.migrate routing.read routing.update schedule.read schedule.manage
      trigger.read trigger.manage webhook.read webhook.manage inboundWebhook.read inboundWebhook.manage incident.read incident.resolve sla.read
      sla.manage task.read task.claim task.complete task.assign request.read request.create request.update request.submit request.cancel
      request.assign request.triage request.delete request.comment comment.delete requestType.read requestType.create requestType.update
      building.read building.create building.update building.delete asset.read asset.create asset.update asset.delete assetType.update
      meter.record maintenancePlan.read maintenancePlan.create maintenancePlan.update file.create file.delete view.share vendor.read vendor.create
      vendor.update vendor.deactivate vendor.approve vendor.rate vendorContact.update vendorDocument.read vendorDocument.create
      vendorDocument.update vendorDocument.review vendorOffer.answer project.read project.create project.update project.delete contract.read
      contract.create contract.update contract.sign scope.read scope.update scope.approve projectTask.read projectTask.update projectTask.report
      integration.read integration.manage agent.read agent.manage secret.read secret.manage secret.use securityProfile.read securityProfile.manage
      definitionShare.read definitionShare.manage definitionShare.use configuration.read configuration.update event.read event.publish event.retry
      eventType.update audit.read audit.verify notification.read notification.manage clock.advance
    `,
    OWN: "notification.read",
  },
  workflow_manager: {
    TENANT: `
      tenant.read user.read role.read team.read definition.read workflow.read routing.read schedule.read trigger.read incident.read sla.read
      task.read request.read requestType.read building.read asset.read maintenancePlan.read vendor.read vendorDocument.read project.read
      contract.read scope.read projectTask.read securityProfile.read configuration.read definition.create definition.publish workflow.start
      workflow.fire workflow.cancel workflow.bulk workflow.migrate routing.update schedule.manage trigger.manage incident.resolve sla.manage
      task.claim task.complete task.assign request.create request.update request.submit request.cancel request.assign request.triage
      request.delete request.comment comment.delete file.create file.delete meter.record maintenancePlan.create maintenancePlan.update
      vendorDocument.create vendorDocument.update vendorDocument.review project.create project.update project.delete contract.create
      contract.update contract.sign scope.update scope.approve projectTask.update projectTask.report requestType.create requestType.update
      assetType.update vendor.approve vendor.rate view.share definitionShare.read definitionShare.use audit.read event.read
    `,
    OWN: "notification.read",
  },
  operations: {
    TENANT: `
      definition.read requestType.read building.read asset.read user.read team.read task.read task.claim task.complete task.assign request.read
      request.create request.update request.submit request.cancel request.assign request.triage request.delete request.comment building.create
      building.update building.delete asset.create asset.update asset.delete assetType.update meter.record maintenancePlan.read
      maintenancePlan.create maintenancePlan.update file.create file.delete projectTask.read projectTask.update projectTask.report workflow.read
      workflow.fire workflow.bulk sla.read vendor.read vendorDocument.read project.read scope.read contract.read
    `,
    TEAM: "view.share",
    OWN: "notification.read",
  },
  requester: {
    OWN: `
      request.read request.update request.submit request.cancel request.comment workflow.read workflow.fire task.read vendor.rate file.delete
      notification.read
    `,
    ASSIGNED: "project.read",
    TENANT: "request.create requestType.read building.read asset.read definition.read user.read file.create",
  },
  approver: {
    TENANT: `
      tenant.read user.read role.read team.read definition.read workflow.read routing.read schedule.read trigger.read incident.read sla.read
      task.read request.read requestType.read building.read asset.read maintenancePlan.read vendor.read vendorDocument.read project.read
      contract.read scope.read projectTask.read securityProfile.read configuration.read workflow.fire task.claim task.complete request.comment
      file.create
    `,
    OWN: "file.delete notification.read",
  },
  underwriter: {
    TENANT: `
      definition.read requestType.read building.read asset.read user.read team.read request.read request.comment vendor.read workflow.read
      workflow.fire task.read task.claim task.complete file.create
    `,
    ASSIGNED: "project.read",
    OWN: "file.delete notification.read",
  },
  credit_team: {
    TENANT: `
      definition.read requestType.read building.read asset.read user.read team.read request.read request.comment vendor.read workflow.read
      workflow.fire task.read task.claim task.complete file.create contract.read
    `,
    ASSIGNED: "project.read",
    OWN: "file.delete notification.read",
  },
  legal_team: {
    TENANT: `
      definition.read requestType.read building.read asset.read user.read team.read request.read request.comment vendor.read workflow.read
      workflow.fire task.read task.claim task.complete file.create contract.read
    `,
    ASSIGNED: "project.read",
    OWN: "file.delete notification.read",
  },
  technical_team: {
    TENANT: `
      definition.read requestType.read building.read asset.read user.read team.read request.read request.comment vendor.read workflow.read
      workflow.fire task.read task.claim task.complete file.create
    `,
    ASSIGNED: "project.read",
    OWN: "file.delete notification.read",
  },
  viewer: {
    TENANT: `
      tenant.read user.read role.read team.read definition.read workflow.read routing.read schedule.read trigger.read incident.read sla.read
      task.read request.read requestType.read building.read asset.read maintenancePlan.read vendor.read vendorDocument.read project.read
      contract.read scope.read projectTask.read securityProfile.read configuration.read
    `,
    OWN: "notification.read",
  },
  developer: {
    TENANT: `
      definition.read requestType.read building.read asset.read user.read team.read definition.create definition.publish webhook.read
      webhook.manage agent.read agent.manage eventType.update workflow.read workflow.start workflow.fire task.read event.read event.publish
      inboundWebhook.read inboundWebhook.manage
    `,
    OWN: "notification.read",
  },
  operator: {
    TENANT: `
      definition.read requestType.read building.read asset.read user.read team.read workflow.read workflow.start workflow.fire workflow.cancel
      workflow.bulk incident.read incident.resolve sla.read sla.manage task.read task.claim task.complete task.assign agent.read file.create
    `,
    OWN: "file.delete notification.read",
  },
  vendor_user: {
    ASSIGNED: `
      request.read request.comment workflow.read workflow.fire task.read project.read projectTask.read projectTask.report vendorContact.update
      vendorDocument.read vendorDocument.create
    `,
    TENANT: "requestType.read definition.read asset.read building.read vendor.read vendorOffer.answer contract.read user.read file.create",
    OWN: "notification.read",
  },
};

/** Grants of the built-in roles of a tenant from before the baseline. */
export const grantsAtBaseline: Readonly<Record<string, readonly Grant[]>> = Object.fromEntries(
  Object.entries(permissions).map(([role, scopes]) => [
    role,
    (Object.entries(scopes) as [Grant["scope"], string][]).flatMap(([scope, listed]) =>
      (listed.trim().split(/\s+/) as Grant["permission"][]).map((permission) => ({ permission, scope })),
    ),
  ]),
);
