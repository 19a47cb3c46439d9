/** The mutations that fill a new organization. The demo seed and the test kit run them through the API. */
export const seedOperations = {
  createTeam: "mutation SeedTeam($input: CreateTeamInput!) { createTeam(input: $input) { team { id } } }",
  createUser: "mutation SeedUser($input: CreateUserInput!) { createUser(input: $input) { user { id } } }",
  createVendor: "mutation SeedVendor($input: CreateVendorInput!) { createVendor(input: $input) { vendor { id } } }",
  createBuilding: "mutation SeedBuilding($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }",
  createAsset: "mutation SeedAsset($input: CreateAssetInput!) { createAsset(input: $input) { asset { id } } }",
  createMeter: "mutation SeedMeter($input: CreateMeterInput!) { createMeter(input: $input) { meter { id } } }",
  recordMeterReading: "mutation SeedReading($input: RecordMeterReadingInput!) { recordMeterReading(input: $input) { reading { id } } }",
  createTrigger: "mutation SeedTrigger($input: CreateTriggerInput!) { createTrigger(input: $input) { trigger { id } } }",
  createDefinition:
    "mutation SeedDefinition($input: CreateDefinitionInput!) { createDefinition(input: $input) { definition { id status } } }",
  publishDefinition: "mutation SeedPublish($input: PublishDefinitionInput!) { publishDefinition(input: $input) { definition { id } } }",
  createRequestType:
    "mutation SeedRequestType($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }",
  updateConfiguration:
    "mutation SeedConfiguration($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }",
  updateContractConfiguration:
    "mutation SeedContract($input: UpdateContractConfigurationInput!) { updateContractConfiguration(input: $input) { configuration { version } } }",
  createProject: "mutation SeedProject($input: CreateProjectInput!) { createProject(input: $input) { project { id } } }",
} as const;
