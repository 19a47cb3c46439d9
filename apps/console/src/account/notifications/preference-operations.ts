import { graphql } from "../../gql";
import type { ConsolePreferencesFragment } from "../../gql/graphql";

export const preferencesFields = graphql(`
  fragment ConsolePreferences on NotificationPreferences {
    preferences {
      kind
      channel
      isEnabled
      source
      isMandatory
      digest
      digestSource
    }
    quietHours {
      from
      to
    }
    timeZone
    snoozedUntil
    destinations {
      id
      channel
      name
      host
      status
      reason
    }
    isSmsAvailable
  }
`);

export type Preferences = ConsolePreferencesFragment;

export const preferencesQuery = graphql(`
  query ConsoleNotificationPreferences {
    notificationPreferences {
      ...ConsolePreferences
    }
  }
`);

export const updatePreferences = graphql(`
  mutation ConsoleUpdatePreferences($input: UpdateNotificationPreferencesInput!) {
    updateNotificationPreferences(input: $input) {
      notificationPreferences {
        ...ConsolePreferences
      }
    }
  }
`);

export const addDestination = graphql(`
  mutation ConsoleAddDestination($input: AddNotificationDestinationInput!) {
    addNotificationDestination(input: $input) {
      destination {
        id
      }
    }
  }
`);

export const confirmDestination = graphql(`
  mutation ConsoleConfirmDestination($input: ConfirmNotificationDestinationInput!) {
    confirmNotificationDestination(input: $input) {
      destination {
        id
      }
    }
  }
`);

export const removeDestination = graphql(`
  mutation ConsoleRemoveDestination($input: IdInput!) {
    removeNotificationDestination(input: $input) {
      __typename
    }
  }
`);
