// The SQL of decisions. One query finds the token and what is asked about, because each one costs
// Node more than PostgreSQL.

const caller = `
    SELECT t.scopes, t.status, u.role, $3 = ANY(u.permissions) AS listed,`;
const subject = `
    FROM tokens AS t
    LEFT JOIN users AS u ON u.public_id = $2 AND u.account_id = t.account_id`;

const onThing = (kind) => ({
  name: `find-grant-on-${kind}`,
  text: `${caller}
      thing.id IS NOT NULL AS known, link.user_id IS NOT NULL AS there${subject}
    LEFT JOIN ${kind}s AS thing ON thing.public_id = $4 AND thing.account_id = t.account_id
    LEFT JOIN user_${kind}s AS link ON link.user_id = u.id AND link.${kind}_id = thing.id
    WHERE t.sha256 = $1`,
});

// It ends at the first one that is not listed.
const all = (kind, user) => `NOT EXISTS (
      SELECT FROM ${kind}s AS thing WHERE thing.account_id = t.account_id AND NOT EXISTS (
        SELECT FROM user_${kind}s AS link WHERE link.user_id = ${user} AND link.${kind}_id = thing.id
      ))`;
const everywhere = (about, user) => `CASE ${about}
      WHEN 'domain' THEN ${all("domain", user)}
      WHEN 'template' THEN ${all("template", user)}
      ELSE true END`;

export const findGrantOn = {
  domain: onThing("domain"),
  template: onThing("template"),
  account: {
    name: "find-grant-on-account",
    text: `${caller}
      a.id IS NOT NULL AS known, ${everywhere("$5", "u.id")} AS there${subject}
    LEFT JOIN accounts AS a ON a.id = t.account_id AND a.public_id = $4
    WHERE t.sha256 = $1`,
  },
};

// All that was found comes as one text: a row for each would cost Node twice the time.
export const findGrants = {
  name: "find-grants",
  text: `
    SELECT t.scopes, t.status, (
      SELECT string_agg(
        concat_ws(',', coalesce(u.role, ''), concat(
          coalesce(q.permission = ANY(u.permissions), false),
          coalesce(a.id, d.id, m.id) IS NOT NULL,
          CASE q.type
            WHEN 'domain' THEN ud.user_id IS NOT NULL
            WHEN 'template' THEN um.user_id IS NOT NULL
            ELSE ${everywhere("q.about", "u.id")} END)),
        E'\\n' ORDER BY q.place)
      FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
        WITH ORDINALITY AS q (subject, permission, type, resource, about, place)
      LEFT JOIN users AS u ON u.public_id = q.subject AND u.account_id = t.account_id
      LEFT JOIN accounts AS a
        ON q.type = 'account' AND a.public_id = q.resource AND a.id = t.account_id
      LEFT JOIN domains AS d
        ON q.type = 'domain' AND d.public_id = q.resource AND d.account_id = t.account_id
      LEFT JOIN templates AS m
        ON q.type = 'template' AND m.public_id = q.resource AND m.account_id = t.account_id
      LEFT JOIN user_domains AS ud ON ud.user_id = u.id AND ud.domain_id = d.id
      LEFT JOIN user_templates AS um ON um.user_id = u.id AND um.template_id = m.id
    ) AS grants
    FROM tokens AS t WHERE t.sha256 = $1`,
};

export const changePermissions = {
  name: "change-permissions",
  text: `
    UPDATE users AS u SET role = $3, permissions = $4, updated_at = now()
    FROM tokens AS t
    WHERE t.sha256 = $1 AND t.status = 'unpause' AND 'users_full' = ANY(t.scopes)
      AND u.account_id = t.account_id AND u.public_id = $2
    RETURNING u.public_id AS id, u.role, u.permissions`,
};
