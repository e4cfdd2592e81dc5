/* SPDX-License-Identifier: Apache-2.0 */
/* The frame every sub-command stands in: its row of the command table, its option table, its
 * parsed arguments, its streams. getopt arrays, --help, shell completion and the man page test
 * are all made from the two tables. */
#ifndef ATT_CLI_CLI_H
#define ATT_CLI_CLI_H

#include <stdio.h>

#include "attest/base.h"
#include "base/buf.h"

enum cli_exit {
	CLI_ACCEPTED = 0,
	CLI_USAGE = 1,
	CLI_REFUSED = 2, /* evidence malformed, or failing a check better collateral can not mend */
	CLI_NO_ANSWER =
	    3,          /* collateral missing, malformed, badly signed, out of date; I/O failed */
	CLI_DENIED = 4, /* authentic, and denied by the policy */
	CLI_ELSEWHERE = 1000, /* no exit code is that large: attest-io has to do it */
};

/* What the program gives: only it looks at the clock, the environment and the terminal. */
struct cli {
	FILE *out; /* the result, nothing else */
	FILE *err; /* for people */
	bool colour_out;
	bool colour_err;
	bool terminal_out;    /* `out` is a terminal: no place for binary */
	int64_t now;          /* seconds since 1970 */
	const char *sim_root; /* ATTEST_SIM_ROOT, or NULL */
	/* What an environment variable says, NULL when it is unset or empty. */
	const char *(*env)(const char *name);
	const char *program; /* whose words these are; NULL: attest */
	bool io; /* may this program open sockets and devices (attest-io), or not (attest)? */
};

struct cli_option {
	int id;      /* unique in its command, from 1 */
	char letter; /* 0: none */
	const char *name;
	const char *value; /* placeholder of its value; NULL: a flag */
	const char *help;
	const char *choices; /* the words its value may be, blanks between; NULL: any value */
	bool required;
	bool path; /* its value names a file or directory */
	bool repeats;
};

#define CLI_OPT_OUTPUT 900
#define CLI_OPT_HELP   901
#define CLI_OPTION_OUTPUT(words)                                                          \
	{                                                                                 \
		.id = CLI_OPT_OUTPUT, .letter = 'o', .name = "output", .value = "FORMAT", \
		.help = "form of the result", .choices = (words)                          \
	}
#define CLI_OPTION_HELP                                            \
	{                                                          \
		.id = CLI_OPT_HELP, .letter = 'h', .name = "help", \
		.help = "print this help and exit"                 \
	}

struct cli_args;

struct cli_command {
	const char *name;            /* "verify", "policy init" */
	const char *operand;         /* placeholder; NULL: takes none */
	const char *operand_choices; /* as cli_option.choices */
	int operand_min;
	int operand_max;
	bool runs_command;   /* its operands are a command line, behind "--" */
	const char *page;    /* its manual page, in section 1 */
	const char *program; /* whose command it is; NULL: attest */
	const char *summary;
	const char *about; /* further paragraphs of --help; NULL: none */
	const struct cli_option *options;
	size_t option_count;
	enum cli_exit (*run)(struct cli *c, const struct cli_args *a);
};

/* The program's sub-commands, ending in NULL: table.c has the offline ones, table_io.c all. */
extern const struct cli_command *const cli_commands[];

extern const struct cli_command cli_inspect;
extern const struct cli_command cli_verify;
extern const struct cli_command cli_policy_init;
extern const struct cli_command cli_policy_check;
extern const struct cli_command cli_token;
extern const struct cli_command cli_collateral_show;
extern const struct cli_command cli_collateral_fetch;
extern const struct cli_command cli_collateral_check;
extern const struct cli_command cli_collateral_forecast;
extern const struct cli_command cli_collateral_export;
extern const struct cli_command cli_quote;
extern const struct cli_command cli_doctor;
extern const struct cli_command cli_measure;
extern const struct cli_command cli_sim_sign;
extern const struct cli_command cli_sim_dump;
extern const struct cli_command cli_sim_up;
extern const struct cli_command cli_sim_run;
extern const struct cli_command cli_sim_fault;
extern const struct cli_command cli_sim_status;
extern const struct cli_command cli_sim_stop;
extern const struct cli_command cli_help;
extern const struct cli_command cli_completion;

/* Runs the command line; returns the exit code. */
enum cli_exit cli_main(struct cli *c, int argc, char **argv);

/* --- Arguments (args.c) --- */

struct cli_set {
	const struct cli_option *option;
	const char *value;
};

#define CLI_SET_MAX 64

struct cli_args {
	const struct cli_command *command;
	struct cli_set set[CLI_SET_MAX];
	size_t count;
	char **operands;
	int operand_count;
};

/* Reads options and operands (argv[0] is the sub-command's last word) by the command's table.
 * False after a usage error, which has been said. */
bool cli_args_parse(struct cli *c, const struct cli_command *command, int argc, char **argv,
		    struct cli_args *out) ATT_MUST_USE;

/* The option's value ("" for a flag), NULL when it was not given. `nth` counts repeats. */
const char *cli_value_at(const struct cli_args *a, int id, size_t nth);
const char *cli_value(const struct cli_args *a, int id);
bool cli_given(const struct cli_args *a, int id);
/* Is the chosen output form this one? The first choice is the default. */
bool cli_output_is(const struct cli_args *a, const char *form);

/* The word nearest to `word` among blank-separated `words`, for hints; false when none is near. */
bool cli_nearest(const char *word, const char *words, char *out, size_t out_len);
/* Is `word` one of the blank-separated words? */
bool cli_word_in(const char *word, size_t len, const char *words);

/* --- Words for people (message.c) --- */

/* "attest: TEXT" on standard error. Control characters and bytes beyond ASCII are escaped. */
void cli_error(struct cli *c, const char *fmt, ...) ATT_PRINTF(2, 3);
void cli_warning(struct cli *c, const char *fmt, ...) ATT_PRINTF(2, 3);
void cli_note(struct cli *c, const char *fmt, ...) ATT_PRINTF(2, 3);
/* The same with where to look further; returns CLI_USAGE. */
enum cli_exit cli_usage(struct cli *c, const struct cli_command *command, const char *fmt, ...)
    ATT_PRINTF(3, 4);

/* Appends text from outside as printable ASCII: everything else, and the backslash, as \xNN. */
void cli_put_safe(att_buf *b, att_bytes text);

/* Writes the result and looks whether it arrived. Returns `code`, or CLI_NO_ANSWER when it did
 * not. */
enum cli_exit cli_finish(struct cli *c, const att_buf *result, enum cli_exit code);

/* --- Help and completion (help.c, complete.c) --- */

/* Appends words from column `at`, wrapped to `indent`, and a line's end. */
void cli_put_wrapped(att_buf *b, size_t at, size_t indent, const char *text);
void cli_put_help(att_buf *b, const struct cli_command *command);
void cli_put_overview(att_buf *b);

#endif
