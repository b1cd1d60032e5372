// The SQL; a `name` makes pg prepare the statement once on each connection.

const wireDate = (column) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

export const findToken = {
  name: "find-token",
  text: `
    SELECT t.account_id, t.scopes, t.status, a.users_total::int AS total
    FROM tokens AS t JOIN accounts AS a ON a.id = t.account_id
    WHERE t.sha256 = $1`,
};

export const countUsers = {
  name: "count-users",
  text: "SELECT count(*)::int AS total FROM users WHERE account_id = $1",
};

// The inner SELECT skips rows in the index alone; only the rows of the page are read.
// Domains and templates come as keys: an account has few, so they are sent once (below).
export const usersOfPage = {
  name: "users-of-page",
  text: `
    SELECT u.public_id AS id, u.avatar, u.email, u.last_name, u.name, u.two_factor AS "2fa",
           ${wireDate("u.created_at")} AS created_at, ${wireDate("u.updated_at")} AS updated_at,
           u.role, u.permissions,
           ARRAY(SELECT domain_id::int FROM user_domains WHERE user_id = u.id ORDER BY 1)
             AS domains,
           ARRAY(SELECT template_id::int FROM user_templates WHERE user_id = u.id ORDER BY 1)
             AS templates
    FROM (SELECT id FROM users WHERE account_id = $1 ORDER BY id LIMIT $2 OFFSET $3) AS page
    JOIN users AS u ON u.id = page.id
    ORDER BY u.id`,
};

// Pairs of key and document; one query, because each one costs Node more than PostgreSQL.
export const thingsOfAccount = {
  name: "things-of-account",
  text: `
    SELECT
      (SELECT coalesce(json_agg(json_build_array(id, json_build_object(
          'id', public_id, 'name', name,
          'created_at', ${wireDate("created_at")}, 'updated_at', ${wireDate("updated_at")}
        ))), '[]') FROM domains WHERE account_id = $1) AS domains,
      (SELECT coalesce(json_agg(json_build_array(id, json_build_object(
          'id', public_id, 'name', name, 'description', description, 'type', type,
          'created_at', ${wireDate("created_at")}
        ))), '[]') FROM templates WHERE account_id = $1) AS templates`,
};
