/** A fault in one of Acme's buildings. */
export interface Fault {
  readonly summary: string;
  /** Code of a building, or tag of an asset. */
  readonly where: "HQ" | "WH" | "ELV-1" | "BLR-1" | "DCK-1";
  /** In euros. Above 5,000, a manager decides. */
  readonly estimate: number;
  /** Result of the repair. */
  readonly outcome: string;
}

const fault = (where: Fault["where"], estimate: number, summary: string, outcome: string): Fault => ({ where, estimate, summary, outcome });

/** Above 5,000 euros: these require an approval. */
export const largeFaults: readonly Fault[] = [
  fault(
    "ELV-1",
    18_400,
    "Elevator stops between floors 2 and 3",
    "Replaced the door controller and two landing sensors; test run of 40 trips",
  ),
  fault("HQ", 9_800, "Air conditioning in the server room fails at noon", "Installed a second compressor; set point back at 22 °C"),
  fault("WH", 27_500, "Roof leaks above aisle 7 when it rains", "Replaced 60 m² of membrane and cleared the gutter"),
  fault("BLR-1", 12_900, "Boiler loses pressure every night", "Heat exchanger replaced, system refilled and vented"),
  fault("HQ", 7_600, "Fire dampers on floor 4 failed the annual test", "Three actuators replaced, dampers tested and logged"),
  fault("DCK-1", 6_900, "Loading dock door drops when half open", "Both springs and the brake replaced"),
  fault("HQ", 15_300, "Emergency lighting in the stairwell lasts less than an hour", "Battery bank replaced, discharge test passed"),
  fault("WH", 8_200, "Forklift charging station trips the main breaker", "Dedicated circuit installed, load balanced over three phases"),
  fault("HQ", 22_000, "Facade panel on the north side is loose", "Anchors replaced on twelve panels"),
];

/** Up to 5,000 euros: operations can decide. */
export const smallFaults: readonly Fault[] = [
  fault("HQ", 180, "Kitchen faucet on floor 2 drips", "Washer and aerator replaced"),
  fault("HQ", 95, "Access card reader at the side entrance does not beep", "Reader re-seated, cable replaced"),
  fault("HQ", 640, "Meeting room Ada is too warm in the afternoon", "Damper actuator replaced, blinds adjusted"),
  fault("HQ", 260, "Toilet on floor 3 runs all the time", "Flush valve replaced"),
  fault("WH", 420, "Two light tubes flicker above packing station 4", "Tubes replaced with LEDs"),
  fault("WH", 1_850, "Heater in the receiving office does not start", "Igniter and flame sensor replaced"),
  fault("ELV-1", 2_300, "Elevator makes a grinding noise on the way down", "Guide shoes replaced, rails lubricated"),
  fault("HQ", 75, "Window on floor 5 does not close", "Hinge adjusted, seal replaced"),
  fault("HQ", 1_200, "Water stain on the ceiling of the copy room", "Drain joint above resealed, ceiling repainted"),
  fault("DCK-1", 890, "Dock door remote only works on the third try", "Receiver replaced, two remotes paired"),
  fault("HQ", 130, "Bicycle room door does not lock", "Strike plate moved, lock oiled"),
  fault("HQ", 310, "No network at desks 4.12 to 4.16", "Patch panel port replaced"),
  fault("WH", 2_750, "Smoke detector in aisle 3 gives false alarms", "Detector replaced, dust cover fitted for the summer"),
  fault("BLR-1", 480, "Hot water on floor 1 is lukewarm", "Mixing valve cleaned and set to 58 °C"),
  fault("HQ", 220, "Projector in the boardroom shows green stripes", "HDMI extender replaced"),
  fault("HQ", 3_900, "Carpet in the reception area is torn", "Eighteen tiles replaced"),
  fault("WH", 640, "Rainwater collects in front of gate 2", "Drain cleaned, grate replaced"),
  fault("HQ", 85, "Access card of the night cleaner opens floor 6", "Card profile corrected, log checked"),
  fault("HQ", 540, "Dishwasher on floor 4 leaves water on the floor", "Door seal and inlet hose replaced"),
  fault("HQ", 2_100, "Blinds on the west side do not come down", "Wind sensor replaced, controller updated"),
  fault("WH", 1_100, "Rack upright in aisle 5 is bent", "Upright replaced, rack inspected and labeled"),
  fault("HQ", 390, "Garage barrier stays open after 6 p.m.", "Timer corrected, induction loop tested"),
  fault("BLR-1", 760, "Boiler room smells of gas in the morning", "Fitting resealed, leak test passed"),
  fault("HQ", 150, "Ventilation grille in office 3.07 rattles", "Grille screwed on, filter replaced"),
  fault("WH", 4_600, "Ramp heater does not melt the ice", "Heating mat section and thermostat replaced"),
  fault("HQ", 60, "Clock in the cafeteria is an hour slow", "Battery replaced"),
  fault("HQ", 1_450, "Revolving door squeals and stops", "Bearings replaced"),
  fault("ELV-1", 980, "Button for floor 5 in the elevator does not light up", "Button and its wiring replaced"),
  fault("HQ", 2_600, "Sprinkler head in the archive is painted over", "Head replaced, neighboring heads checked"),
  fault("WH", 330, "Emergency exit sign at gate 1 is dark", "Sign replaced with LED"),
  fault("HQ", 275, "Coffee machine on floor 2 blows the fuse", "Heating element replaced"),
  fault("HQ", 720, "Mold behind the cabinet in office 1.02", "Wall dried and treated, cabinet moved away from the wall"),
  fault("WH", 510, "Cold air comes in under gate 3", "Brush seal replaced"),
];

export const comments: readonly string[] = [
  "I put up a sign so nobody uses it.",
  "It happened again this morning around nine.",
  "The facilities team has photos.",
  "The people on that floor know that someone will come.",
  "Please come after 4 p.m.; the room is booked until then.",
  "The key is at the reception desk.",
  "This is the second time this year; we should look at the whole installation.",
  "The spare part is ordered and should arrive this week.",
  "Is there a date yet? The customer visit is next Tuesday.",
  "The warranty ran out in spring, so we have to pay for this one.",
];

export const refusals: readonly string[] = [
  "The landlord repairs this; I passed it on to them.",
  "Already reported and repaired under another number.",
  "The part will be replaced during the renovation in the fall anyway.",
  "Checked on site: it works as expected.",
  "Too expensive for this year; please ask again with the new budget.",
];

/** What requesters think of the vendor's repairs. The first one is for those that had to be repeated. */
export const ratings = [
  { stars: 2, comment: "The problem came back after a week." },
  { stars: 5, comment: "Fast, and left everything clean." },
  { stars: 4, comment: null },
  { stars: 5, comment: "Called before coming. Perfect." },
  { stars: 3, comment: "Good work, but a day late." },
  { stars: 4, comment: null },
] as const;
