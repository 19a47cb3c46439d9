import type { ObjectType } from "@weft/shared/aggregates";
import { objectTypes, type SubjectType, subjectTypes } from "@weft/shared/ids";

/** `INBOUND_WEBHOOK`, as the API calls the type. */
const enumValue = (type: SubjectType): string => type.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** Returns the types of objects whose changes are of a sort, as values of `AuditedEntity`. */
export const typesChanging = (sort: NonNullable<ObjectType["changes"]>): readonly string[] =>
  subjectTypes.filter((type) => (objectTypes[type] as ObjectType).changes === sort).map(enumValue);

/** Attempts that failed, perhaps those of somebody else than the user. */
export const failedAttempts: readonly string[] = [
  "session.loginFailed",
  "session.loginRefused",
  "session.passwordRefused",
  "session.reauthenticateFailed",
  "session.secondFactorFailed",
  "session.passkeyCloneSuspected",
  "user.changePasswordFailed",
];

/**
 * Actions about users that change no rights: failed attempts, and what users set for themselves. Of a report, only its deletion is a change. What is not in
 * this list is shown, so that a new action is not forgotten.
 */
export const noChanges: readonly string[] = [
  ...failedAttempts,
  "user.beginPasswordChange",
  "user.requestPasswordReset",
  "user.updateProfile",
  "user.updateNotificationPreferences",
  "user.unsubscribeFromNotifications",
  "user.renamePasskey",
  "complianceReport.create",
  "complianceReport.complete",
  "complianceReport.fail",
];
