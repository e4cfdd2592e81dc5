/* SPDX-License-Identifier: Apache-2.0 */
/* Small documents to change one thing in: written with ' for ", components in few letters. */
#ifndef TESTS_COLLATERAL_DOCUMENTS_H
#define TESTS_COLLATERAL_DOCUMENTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "attest/base.h"
#include "base/mem.h"
#include "codec/json.h"

#define TEXT(s) att_bytes_of((s), strlen(s))

#define Z4        "{'svn':0},{'svn':0},{'svn':0},{'svn':0}"
#define TAIL(a)   "{'svn':" a "}," Z4 "," Z4 "," Z4 ",{'svn':0},{'svn':0}"
#define SGX(a, b) "'sgxtcbcomponents':[{'svn':" a "}," TAIL(b) "]"
#define TDX(a, b) "'tdxtcbcomponents':[{'svn':" a "}," TAIL(b) "]"

#define ZERO_16 "00000000000000000000000000000000"
#define ZERO_48 ZERO_16 ZERO_16 ZERO_16

#define DATED(status) "'tcbDate':'2024-03-13T00:00:00Z','tcbStatus':'" status "'"

#define TDX_MODULE                                                               \
	"'tdxModule':{'mrsigner':'" ZERO_48 "','attributes':'0000000000000000'," \
	"'attributesMask':'FFFFFFFFFFFFFFFF'}"

#define TDX_IDENTITIES                                                                           \
	"'tdxModuleIdentities':[{'id':'TDX_03','mrsigner':'" ZERO_48 "',"                        \
	"'attributes':'0000000000000000','attributesMask':'FFFFFFFFFFFFFFFF','tcbLevels':["      \
	"{'tcb':{'isvsvn':3}," DATED(                                                            \
	    "UpToDate") "}]},"                                                                   \
			"{'id':'TDX_01','mrsigner':'11" ZERO_16 ZERO_16                          \
			"000000000000000000000000000022',"                                       \
			"'attributes':'0102030405060708','attributesMask':'FFFFFFFFFFFFFF00','"  \
			"tcbLevels':["                                                           \
			"{'tcb':{'isvsvn':4}," DATED(                                            \
			    "UpToDate") "},"                                                     \
					"{'tcb':{'isvsvn':2},'tcbDate':'2023-08-09T00:00:00Z','" \
					"tcbStatus':'OutOfDate',"                                \
					"'advisoryIDs':['INTEL-SA-00837']}]}]"

#define HEAD(id)                                                                                 \
	"'id':'" id "','version':3,'issueDate':'2025-06-19T10:16:03Z',"                          \
	"'nextUpdate':'2025-07-19T10:16:03Z','fmspc':'B0C06F000000','pceId':'0102','tcbType':0," \
	"'tcbEvaluationDataNumber':17"

#define HEAD_V2                                                                               \
	"'version':2,'issueDate':'2025-02-13T03:29:42Z','nextUpdate':'2025-03-15T03:29:42Z'," \
	"'fmspc':'00606a000000','pceId':'0000','tcbType':0,'tcbEvaluationDataNumber':17"

#define TDX_LEVEL(a, b, pce, c, d, status) \
	"{'tcb':{" SGX(a, b) ",'pcesvn':" pce "," TDX(c, d) "}," DATED(status) "}"
#define SGX_LEVEL(a, b, pce, status) "{'tcb':{" SGX(a, b) ",'pcesvn':" pce "}," DATED(status) "}"

#define TCB_V2(a, b, pce)                                                                    \
	"'sgxtcbcomp01svn':" a ",'sgxtcbcomp02svn':" b ",'sgxtcbcomp03svn':3,"               \
	"'sgxtcbcomp04svn':4,'sgxtcbcomp05svn':5,'sgxtcbcomp06svn':6,'sgxtcbcomp07svn':7,"   \
	"'sgxtcbcomp08svn':8,'sgxtcbcomp09svn':9,'sgxtcbcomp10svn':10,'sgxtcbcomp11svn':11," \
	"'sgxtcbcomp12svn':12,'sgxtcbcomp13svn':13,'sgxtcbcomp14svn':14,"                    \
	"'sgxtcbcomp15svn':15,'sgxtcbcomp16svn':255,'pcesvn':" pce
#define LEVEL_V2(a, b, pce, status) "{'tcb':{" TCB_V2(a, b, pce) "}," DATED(status) "}"

#define IDENTITY                                                                                   \
	"{'id':'TD_QE','version':2,'issueDate':'2025-06-19T10:32:27Z',"                            \
	"'nextUpdate':'2025-07-19T10:32:27Z','tcbEvaluationDataNumber':17,'miscselect':'01020304'" \
	","                                                                                        \
	"'miscselectMask':'FFFFFFFE','attributes':'11000000000000000000000000000000',"             \
	"'attributesMask':'FBFFFFFFFFFFFFFF0000000000000000',"                                     \
	"'mrsigner':'DC9E2A7C6F948F17474E34A7FC43ED030F7C1563F1BABDDF6340C82E0E54A8C5',"           \
	"'isvprodid':2,'tcbLevels':[{'tcb':{'isvsvn':4}," DATED(                                   \
	    "UpToDate") "},"                                                                       \
			"{'tcb':{'isvsvn':2},'tcbDate':'2021-11-10T00:00:00Z','tcbStatus':'"       \
			"OutOfDate',"                                                              \
			"'advisoryIDs':['INTEL-SA-00615','INTEL-SA-00477']}]}"

/* One change to a good document, and words of the message that must come of it. */
struct fault {
	const char *from;
	const char *to;
	const char *says;
};

/* `base` with the first `from` replaced (it must be there) and ' turned into ". */
static inline char *document(const char *base, const char *from, const char *to)
{
	const char *at = from ? strstr(base, from) : base;
	size_t cut = from ? strlen(from) : 0;
	char *out;

	assert_non_null(at);
	assert_true(asprintf(&out, "%.*s%s%s", (int)(at - base), base, to ? to : "", at + cut) > 0);
	for (char *p = out; *p; p++) {
		if (*p == '\'')
			*p = '"';
	}
	return out;
}

static inline void assert_says(const att_err *err, const char *words)
{
	if (!strstr(err->msg, words))
		fail_msg("expected \"%s\" in \"%s\"", words, err->msg);
}

#endif
