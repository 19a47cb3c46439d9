import {
  callConsumer,
  inboundConsumer,
  notificationConsumer,
  notificationRuleConsumer,
  wakeWebhookSender,
  webhookConsumer,
} from "@weft/audit";
import { assignmentConsumer, endedOriginals } from "@weft/requests";
import { canSendMail, canSendTexts } from "@weft/platform/mail";
import type { Services } from "@weft/platform/services";
import { endedRuns, startConsumer, statisticsConsumer, triggerConsumer, waitConsumer } from "@weft/workflows";
import type { WorkerMetrics } from "./metrics.js";

/** Returns what handles events, in this order. */
export function consumersOf(services: Services, metrics: Pick<WorkerMetrics, "attempt"> | undefined) {
  const { config, databases, pubsub, keyring, secrets, log } = services;
  const ofNotifications = { databases, pubsub, keyring, sendsMail: canSendMail(config), sendsTexts: canSendTexts(config) };
  return [
    notificationConsumer({ ...ofNotifications, log: log.child({ part: "notifications" }) }),
    notificationRuleConsumer({ ...ofNotifications, log: log.child({ part: "notificationRules" }) }),
    statisticsConsumer,
    endedRuns,
    endedOriginals(keyring),
    startConsumer({ keyring, log: log.child({ part: "workflowStarts" }) }),
    assignmentConsumer(keyring),
    inboundConsumer({ databases, keyring, secrets, ...(metrics && { onAttempt: metrics.attempt }) }),
    callConsumer({ keyring, secrets, pubsub }),
    waitConsumer({ pubsub, log }),
    triggerConsumer({ databases, keyring, log: log.child({ part: "triggers" }) }),
    webhookConsumer(() => wakeWebhookSender({ pubsub, log })),
  ];
}
