import { wakeMailSender } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import { mailSecurityNotice } from "../../notices/security-notice.js";
import { countWrongCode } from "../../second-factors/prove-factor.js";
import { findUserOfLogin } from "../../users/user.service.js";
import { afterAnswer } from "../after-answer.js";
import { metaOf, writeAs } from "../session-write.js";

/** More than typing errors explain. Codes count until one is right. */
const wrongCodesBeforeWarning = 5;

/** Counts a wrong code, or a passkey that was not accepted, after the right password. Tells the user of several, at most once a day: somebody else may know the password. */
export function warnOfWrongCodes(ctx: Context, { tenantId, userId }: { readonly tenantId: string; readonly userId: string }): void {
  const meta = metaOf(ctx, { tenantId, userId, sessionId: null });
  afterAnswer(ctx.services, async () => {
    try {
      await writeAs(ctx, tenantId, async (tx) => {
        if (!(await countWrongCode(tx, { tenantId, userId }, { from: wrongCodesBeforeWarning }))) return;
        await mailSecurityNotice(ctx, tx, meta, await findUserOfLogin(tx, userId), {
          template: "secondFactorChanged",
          change: "CODES_WRONG",
        });
      });
      wakeMailSender(ctx.services);
    } catch (error) {
      ctx.log.error({ err: error, tenantId }, "wrong codes of a second factor could not be counted");
    }
  });
}
