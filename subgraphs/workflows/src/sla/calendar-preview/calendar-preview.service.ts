import type { TermsDraft } from "@weft/engine";
import { BadUserInput } from "@weft/shared/errors";
import { decodeIdOrNull } from "@weft/shared/ids";
import {
  changedDocument,
  changeProblems,
  type ConfigurationLayer,
  documentProblems,
  findLayers,
  rootOfChange,
} from "@weft/platform/configuration";
import type { Context } from "@weft/api/context";
import { assertTeam } from "../../calendars/work-calendar.service.js";
import { preview, type PreviewPage } from "../policies/preview.service.js";
import type { SlaPreview } from "../recomputations/recomputation.type.js";
import type { PreviewCalendarChangeInput } from "./calendar-preview.input.js";

/**
 * Returns what a draft of a configuration would do to open clocks. Stands here and takes the input of `updateConfiguration`, because the clocks are
 * here, and the configuration is read and validated by the same functions as everywhere. Deadlines of tasks and timers are not examined: they are fixed
 * when they are set, whatever the calendars are later.
 * @throws NotFound (the team), BadUserInput (every problem of the draft, with its path)
 */
export async function previewCalendarChange(
  ctx: Context,
  { teamId: givenTeam, ...change }: PreviewCalendarChangeInput,
  page: PreviewPage,
): Promise<SlaPreview> {
  const teamId = decodeIdOrNull("team", givenTeam, "input.teamId") ?? null;
  const problems = changeProblems(change);
  if (problems.length > 0) throw new BadUserInput(problems);
  const level = teamId === null ? "TENANT" : "TEAM";
  return ctx.read(async (tx) => {
    if (teamId !== null) await assertTeam(tx, teamId);
    const [layers = []] = await findLayers(tx, [{ tenantId: ctx.viewer.tenantId, teamId }]);
    const present = layers.find((layer) => layer.level === level) ?? absent;
    const document = changedDocument(present.document, change);
    const invalid = await documentProblems(document, level, rootOfChange(change));
    if (invalid.length > 0) throw new BadUserInput(invalid);
    const layer: ConfigurationLayer = { ...present, level, document };
    const draft: TermsDraft = {
      layers: (current, team) => (teamId !== null && team !== teamId ? current : [...current.filter((one) => one.level !== level), layer]),
    };
    return preview(ctx, tx, { draft, scope: { definitionKey: null, teamId }, page });
  });
}

/** A level without a version. */
const absent = { version: 0, document: {}, authorId: null, message: "", createdAt: "" };
