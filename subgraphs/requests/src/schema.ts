import { defineSubgraph, referencesThrough, type Subgraph, type SubgraphOptions } from "@weft/shared";
import { AssetResolver, BuildingAssetsResolver } from "./assets/asset.resolver.js";
import { AssetLabelResolver } from "./labels/asset-label.resolver.js";
import { AssetTransferResolver, AssetTransfersResolver } from "./assets/asset-transfer.resolver.js";
import { assetTypeLoader } from "./asset-types/asset-type.loader.js";
import { AssetTypeResolver } from "./asset-types/asset-type.resolver.js";
import { CustomFieldSchemaResolver } from "./custom-fields/custom-field-schema.resolver.js";
import {
  AssetAttachmentsResolver,
  AttachmentResolver,
  BuildingAttachmentsResolver,
  CommentAttachmentsResolver,
  MaintenancePlanAttachmentsResolver,
  RequestAttachmentsResolver,
  TaskAttachmentsResolver,
  ContractAttachmentsResolver,
  VendorDocumentAttachmentsResolver,
} from "./files/attachment.resolver.js";
import { AssetExternalIdResolver, BuildingExternalIdResolver, RequestExternalIdResolver } from "./external-ids/external-id.resolver.js";
import { ExportResolver } from "./exports/export.resolver.js";
import { ImportResolver } from "./imports/import.resolver.js";
import { Contract, contractStubs } from "./files/contract.type.js";
import { VendorDocument, vendorDocumentStubs } from "./files/vendor-document.type.js";
import { Task, taskStubs } from "./files/task.type.js";
import { FileResolver } from "./files/file.resolver.js";
import { BuildingContactResolver } from "./building-contacts/building-contact.resolver.js";
import { BuildingUserResolver } from "./building-users/building-user.resolver.js";
import { BuildingResolver } from "./buildings/building.resolver.js";
import { spaceLoader } from "./spaces/space.loader.js";
import { BuildingSpacesResolver, SpaceResolver } from "./spaces/space.resolver.js";
import { assetLoader } from "./assets/asset.loader.js";
import { buildingLoader } from "./buildings/building.loader.js";
import { AssetMetersResolver, MeterReadingResolver, MeterResolver } from "./meters/meter.resolver.js";
import { meterLoader } from "./meters/meter.loader.js";
import { maintenancePlanLoader } from "./maintenance/plan.loader.js";
import { MaintenanceOccurrenceResolver, MaintenancePlanFieldsResolver, MaintenancePlanResolver } from "./maintenance/plan.resolver.js";
import { requestTypeLoader } from "./request-types/request-type.loader.js";
import { requestLoader } from "./requests/request.loader.js";
import { Team, User, Vendor } from "./references.js";
import { SavedViewResolver } from "./saved-views/saved-view.resolver.js";
import { LinkResolver } from "./links/link.resolver.js";
import { ConvertResolver } from "./conversions/convert.resolver.js";
import { MergeResolver } from "./merges/merge.resolver.js";
import { SplitResolver } from "./merges/split.resolver.js";
import { RequestTimelineEntryResolver, RequestTimelineResolver } from "./timeline/timeline.resolver.js";
import { TriageResolver } from "./triage/triage.resolver.js";
import { VendorOfferResolver } from "./vendor-offers/offer.resolver.js";
import { RequestEditorsLive } from "./editors/editor.live.js";
import { RequestEditorResolver } from "./editors/editor.resolver.js";
import { WatcherResolver } from "./watchers/watcher.resolver.js";
import { InboundMailAddressResolver } from "./inbound-mail-addresses/inbound-mail-address.resolver.js";
import { RequestFormLinkResolver } from "./request-form-links/request-form-link.resolver.js";
import { RequestTypeResolver } from "./request-types/request-type.resolver.js";
import { RequestCommentChangedResolver } from "./comments/comment.live.js";
import { RequestChangedResolver } from "./requests/request.live.js";
import { RequestListChangedResolver } from "./requests/request-list.live.js";
import { RequestStatisticsGroupResolver, RequestStatisticsResolver } from "./statistics/request-statistics.resolver.js";
import { RequestCommentResolver, RequestCommentsResolver } from "./comments/comment.resolver.js";
import { requestCommentLoader } from "./comments/comment.loader.js";
import { DeleteRequestResolver } from "./requests/delete-request.resolver.js";
import { AssetRequestsResolver, BuildingRequestsResolver, RequestResolver } from "./requests/request.resolver.js";

/** The requests subgraph: request types, requests, buildings, assets. */
export const requestsSubgraph = (options: SubgraphOptions = {}): Subgraph =>
  defineSubgraph({
    name: "requests",
    resolvers: {
      requests: [
        RequestTypeResolver,
        RequestResolver,
        DeleteRequestResolver,
        RequestCommentsResolver,
        RequestCommentResolver,
        RequestTimelineResolver,
        RequestTimelineEntryResolver,
        TriageResolver,
        WatcherResolver,
        RequestEditorResolver,
        RequestEditorsLive,
        LinkResolver,
        ConvertResolver,
        MergeResolver,
        SplitResolver,
        RequestChangedResolver,
        RequestListChangedResolver,
        RequestCommentChangedResolver,
        RequestStatisticsResolver,
        RequestStatisticsGroupResolver,
        BuildingRequestsResolver,
        AssetRequestsResolver,
        CustomFieldSchemaResolver,
        InboundMailAddressResolver,
        RequestFormLinkResolver,
        SavedViewResolver,
        RequestExternalIdResolver,
      ],
      places: [
        BuildingResolver,
        BuildingContactResolver,
        BuildingUserResolver,
        SpaceResolver,
        BuildingSpacesResolver,
        BuildingExternalIdResolver,
      ],
      assets: [
        AssetTypeResolver,
        AssetResolver,
        BuildingAssetsResolver,
        AssetTransferResolver,
        AssetTransfersResolver,
        AssetLabelResolver,
        MeterResolver,
        MeterReadingResolver,
        AssetMetersResolver,
        MaintenancePlanResolver,
        MaintenancePlanFieldsResolver,
        MaintenanceOccurrenceResolver,
        AssetExternalIdResolver,
      ],
      vendors: [VendorOfferResolver],
      files: [
        FileResolver,
        AttachmentResolver,
        RequestAttachmentsResolver,
        BuildingAttachmentsResolver,
        MaintenancePlanAttachmentsResolver,
        AssetAttachmentsResolver,
        CommentAttachmentsResolver,
        TaskAttachmentsResolver,
        ContractAttachmentsResolver,
        VendorDocumentAttachmentsResolver,
        ExportResolver,
        ImportResolver,
      ],
    },
    orphanedTypes: [User, Team, Vendor, Task, Contract, VendorDocument],
    references: {
      Request: referencesThrough(requestLoader),
      RequestComment: referencesThrough(requestCommentLoader),
      RequestType: referencesThrough(requestTypeLoader),
      Building: referencesThrough(buildingLoader),
      AssetType: referencesThrough(assetTypeLoader),
      Space: referencesThrough(spaceLoader),
      Asset: referencesThrough(assetLoader),
      Meter: referencesThrough(meterLoader),
      MaintenancePlan: referencesThrough(maintenancePlanLoader),
      Task: (_ctx, ids) => Promise.resolve(taskStubs(ids)),
      Contract: (_ctx, ids) => Promise.resolve(contractStubs(ids)),
      VendorDocument: (_ctx, ids) => Promise.resolve(vendorDocumentStubs(ids)),
    },
    ...options,
  });
