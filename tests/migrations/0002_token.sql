insert into log (name, last) values ('token', 2);
insert into token (id, name, hash, scope, holder, created_at, expires_at) values (x'01a216229829723cb9d50c3f81aee752', 'ci', x'b67196c061b44a57f7387e5167d74e5d8f56de09cc491df308e80b4b361d29dc', 'read', null, '2026-11-26T04:34:55.657406+00:00', null);
insert into token (id, name, hash, scope, holder, created_at, expires_at) values (x'01a21622983b75339bf48322dee5c749', 'alice-laptop', x'6c5710cf4c894981862b9de6a028e9b7ca14e45d013ce50fb3f2afb984c721f7', 'write', 'user:default/alice', '2026-11-26T04:34:55.675338+00:00', null);
