/** Work that becomes due at a time: each kind that can wait for something else has a search of its own, so that no other work waits for it. */
import { dueDeliveries, dueReplays } from "@weft/audit";
import { dueApiKeys, dueDomains } from "@weft/identity";
import { dueAssetDates, dueEncryptions, dueOffers, duePlans, endedEditors, endEditorsWithSessions, listJobs } from "@weft/requests";
import { clamd, dueFiles, duePreviews, type FileStorage, previewMaker, type Services } from "@weft/shared";
import { dueContracts, dueDocuments, dueMilestones, dueObligations, importedVendors, vendorsSubgraph } from "@weft/vendors";
import { advancingClocks, dueSources, dueTriggerReplays, findTenantsWithAdvances, startDueWork } from "@weft/workflows";
import type { consumersOf } from "./consumers.js";

/** Time between two searches for work that is announced when it is created, or that nobody expects to the second. */
const RARE_MS = 5_000;
const rarely = <Source extends object>(source: Source): Source & { readonly searchMs: number } => ({ ...source, searchMs: RARE_MS });

interface Parts {
  readonly storage: FileStorage;
  readonly consumers: ReturnType<typeof consumersOf>;
}

/** Starts all searches for due work. */
export async function startAllDueWork(services: Services, { storage, consumers }: Parts) {
  const { config, databases, pubsub, keys, keyring, secrets, log } = services;
  const servicesFor = (part: string) => ({ config, databases, pubsub, keyring, secrets, log: log.child({ part }) });
  const usual = { config, databases, pubsub, keyring, secrets, log };
  const sources = [
    ...dueSources(usual),
    duePlans(usual),
    dueContracts(usual),
    ...[dueAssetDates(usual), dueDocuments(usual), dueObligations(usual), dueOffers(usual), dueMilestones(usual)].map(rarely),
    dueDeliveries(usual),
  ];
  const dueWork = await startDueWork({ ...servicesFor("dueWork"), sources, except: findTenantsWithAdvances });
  // Waits for the storage and the scanner.
  const ofFiles = servicesFor("files");
  const { clamdUrl } = config.files;
  const scanner = clamdUrl === undefined ? undefined : clamd(clamdUrl);
  const files = await startDueWork({ ...ofFiles, sources: [rarely(dueFiles({ ...ofFiles, storage, scanner }))] });
  // Scans and deletions must not wait for large images.
  const maker = previewMaker();
  const previews = await startDueWork({ ...ofFiles, sources: [duePreviews({ ...ofFiles, storage, maker })] });
  // Checks of domains wait for name servers. API keys expire at a time that is not that of a sandbox's clock.
  const ofDomains = servicesFor("domains");
  const domains = await startDueWork({ ...ofDomains, sources: [dueApiKeys(ofDomains), dueDomains(ofDomains)].map(rarely) });
  // Ends at a time that is not that of a sandbox's clock.
  const ofEditors = servicesFor("requestEditors");
  const editors = await startDueWork({ ...ofEditors, sources: [rarely(endedEditors(ofEditors))] });
  const sessionEnds = await endEditorsWithSessions(ofEditors);
  // Waits for the storage.
  const ofLists = servicesFor("lists");
  const jobs = listJobs({ ...ofLists, keys }, storage, { imported: importedVendors, subgraph: vendorsSubgraph });
  const exports = await startDueWork({ ...ofLists, sources: [rarely(jobs.exports)] });
  // Exports must not wait for a long import, or until the values of many objects are encrypted.
  const imports = await startDueWork({ ...ofLists, sources: [jobs.imports, dueEncryptions(ofLists)].map(rarely) });
  // Live work must not wait for past events.
  const ofReplays = servicesFor("replays");
  const replays = await startDueWork({
    ...ofReplays,
    sources: [dueReplays(ofReplays), dueTriggerReplays(ofReplays)].map(rarely),
    except: findTenantsWithAdvances,
  });
  // An advance takes long turns, and other tenants must not wait for them.
  const ofClocks = servicesFor("clocks");
  const advances = await startDueWork({ ...ofClocks, sources: [advancingClocks({ services: ofClocks, sources, consumers })] });
  return {
    advances,
    dueWork,
    files,
    previews,
    domains,
    editors,
    exports,
    imports,
    replays,
    /** What belongs to it, and has no work to wait for. */
    stopRest: async (): Promise<void> => {
      maker.close();
      await sessionEnds.stop();
    },
  };
}
