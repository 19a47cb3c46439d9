/** The most common passwords of at least eight characters in published leaks. Compared in lower case. */
export const commonPasswords: ReadonlySet<string> = new Set(
  `
  12345678 123456789 1234567890 11111111 00000000 88888888 87654321 987654321 0987654321 12341234 123123123 1q2w3e4r 1q2w3e4r5t
  1qaz2wsx 1qaz2wsx3edc q1w2e3r4 zaq12wsx qwertyui qwertyuiop qwerty123 qwerty12 asdfghjk asdfghjkl zxcvbnm1 abcd1234 abc12345 a1b2c3d4
  password password1 password12 password123 passw0rd p@ssw0rd p@ssword pa55word welcome1 welcome123 letmein1 letmein123 iloveyou iloveyou1
  admin123 admin1234 administrator adminadmin changeme changeme1 default1 secret123 testtest test1234 user1234 guest123 master123 login123
  sunshine princess football football1 baseball baseball1 superman batman123 starwars trustno1 whatever computer internet michelle jennifer
  dragon123 monkey123 shadow123 summer2023 summer2024 summer2025 winter2023 winter2024 winter2025 january1 december1 corporate company1
  `
    .trim()
    .split(/\s+/),
);
