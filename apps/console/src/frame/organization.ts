import type { ConsoleViewerQuery } from "../gql/graphql";
import { chooseRegion } from "../formats/region";

type Organization = ConsoleViewerQuery["effectiveConfiguration"];

/** The settings that every user can read. */
interface Settings {
  readonly locale?: string;
  readonly timeZone?: string;
  readonly branding?: Readonly<Record<"name" | "logoUrl" | "primaryColor" | "supportEmail", string | null>>;
}

const settingsOf = (organization: Organization): Settings => organization?.value ?? {};

/** Shows times and numbers as where the user is, by their profile, or else by their organization. */
export function chooseRegionOf({ me, effectiveConfiguration: organization }: ConsoleViewerQuery): void {
  const { locale = null, timeZone = "UTC" } = settingsOf(organization);
  chooseRegion({
    locale: me?.profile.locale ?? locale,
    // Users cannot read whether somebody has set it. It is UTC where nobody has, and then the browser knows better where the user is.
    timeZone: me?.profile.timeZone ?? (timeZone === "UTC" ? null : timeZone),
  });
}

/** How an organization presents itself. What it has not set is null. */
export function brandOf(organization: Organization) {
  const { name = null, logoUrl = null, primaryColor = null, supportEmail = null } = settingsOf(organization).branding ?? {};
  // The policy of the page allows no images of other servers, which would learn who works when.
  return { name, logoUrl: logoUrl?.startsWith(`${location.origin}/`) ? logoUrl : null, primaryColor, supportEmail };
}
