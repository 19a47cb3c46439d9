import { type Context, type RowLoader, rowLoader } from "@weft/api/context";
import type DataLoader from "dataloader";
import { findTemplates, findVersionsOf, type TemplateVersionRow } from "./template.store.js";
import { type NotificationTemplate, toTemplate } from "./template.type.js";

/** Loads templates by UUID, batched per request. */
export const templateLoader: RowLoader<NotificationTemplate> = rowLoader(
  "notificationTemplate",
  (tx, _viewer, ids) => findTemplates(tx, ids),
  toTemplate,
);

/** Loads the versions of templates by the template's UUID, newest first, with one statement. */
export const versionsLoader = (ctx: Context): DataLoader<string, TemplateVersionRow[] | null> =>
  ctx.loader<string, TemplateVersionRow[]>("notificationTemplateVersions", async (tx, ids) =>
    Map.groupBy(await findVersionsOf(tx, ids), ({ templateId }) => templateId),
  );
