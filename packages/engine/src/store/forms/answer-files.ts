/**
 * Files in answers to forms: checks that they are uploads of the user that the field accepts, and attaches them.
 * They belong to the request that the instance drives, and otherwise to the instance. Whoever can see that can read them.
 */
import type { Problem } from "@weft/shared/errors";
import { idPrefixes, parseAnyId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import { attachFiles, type AttachmentWriter, type FileRow, filesOfObject, findFiles, normalType } from "@weft/platform/files";
import type { AnswerReference } from "../../core/model/form.js";
import type { InstanceHead } from "../model/instance-head.js";

type Place = Pick<InstanceHead, "id" | "subjectType" | "subjectId">;

type AnswerFile = AnswerReference & { readonly uuid: string | null };

/** Returns a problem for each file that cannot be an answer. Two statements, none without files. */
export async function problemsOfFiles(
  tx: Tx,
  viewer: Viewer,
  place: Place,
  references: readonly AnswerReference[],
): Promise<readonly Problem[]> {
  const answers = filesIn(references);
  const ids = uuidsOf(answers);
  if (answers.length === 0) return [];
  const files = new Map((await findFiles(tx, viewer, ids)).map((file) => [file.id, file]));
  const attached = await filesOfObject(tx, objectOf(place).objectId, ids);
  return answers.flatMap((answer) => {
    const file = files.get(answer.uuid ?? "");
    // The file of another user would get another audience, unless it is an earlier answer.
    const isKnown = file !== undefined && (file.createdBy === viewer.userId || attached.has(file.id));
    const message = isKnown ? refusal(file, answer) : `No upload of yours with this ID (${idPrefixes.file}_…) exists.`;
    return message === null ? [] : [{ path: `input.${answer.path}`, message }];
  });
}

/**
 * Attaches the files of checked answers, so that they do not expire. After the write of the instance, so that the locks are taken in the order of other
 * operations.
 * @throws BadUserInput if a file has expired since the check, LimitExceeded (`attachments`)
 */
export async function attachAnswers(
  tx: Tx,
  writer: AttachmentWriter,
  place: Place,
  references: readonly AnswerReference[] = [],
): Promise<void> {
  const answers = filesIn(references);
  if (answers.length === 0) return;
  const object = objectOf(place);
  const attached = await filesOfObject(tx, object.objectId, uuidsOf(answers));
  const files = new Map(
    answers.flatMap(({ uuid, id, path }) =>
      uuid === null || attached.has(uuid) ? [] : [[uuid, { id: uuid, given: id, path: `input.${path}` }] as const],
    ),
  );
  if (files.size === 0) return;
  const { vendorId } = writer.viewer;
  await attachFiles(tx, writer, {
    ...object,
    visibility: "SHARED",
    commentId: null,
    vendorId,
    files: [...files.values()],
    path: "input.input",
    areOwn: true,
  });
}

function refusal({ status, reason, type, size }: FileRow, { file: rule }: AnswerFile): string | null {
  if (status === "PENDING") return "The bytes of the file have not been received yet. Send them to the URL from createUpload first.";
  if (status === "SCANNING") return "The file is still being scanned for malware. Try again in a moment.";
  if (status !== "STORED") return `The file was rejected: ${reason}`;
  const accept = rule?.accept ?? [];
  if (accept.length > 0 && !accept.some((one) => normalType(one) === type))
    return `Files of the type ${type} are not accepted here. Use ${accept.join(", ")}.`;
  const maxBytes = rule?.maxBytes ?? null;
  return maxBytes !== null && size > maxBytes ? `The file has ${size} bytes; the maximum is ${maxBytes}.` : null;
}

function filesIn(references: readonly AnswerReference[]): AnswerFile[] {
  return references.flatMap((reference) => {
    if (reference.type !== "file") return [];
    const parsed = parseAnyId(reference.id);
    return [{ ...reference, uuid: parsed?.type === "file" ? parsed.uuid : null }];
  });
}

const uuidsOf = (answers: readonly AnswerFile[]): string[] => [...new Set(answers.flatMap(({ uuid }) => uuid ?? []))];

const objectOf = ({ id, subjectType, subjectId }: Place): { readonly objectType: "request" | "instance"; readonly objectId: string } =>
  subjectType === "request" && subjectId !== null
    ? { objectType: "request", objectId: subjectId }
    : { objectType: "instance", objectId: id };
