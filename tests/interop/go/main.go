// SPDX-License-Identifier: Apache-2.0

// go-tdx-guest over cases: one JSON line in, one out. It asks for collateral by URL, and gets the
// items of the case.
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/google/go-tdx-guest/verify"
)

type testCase struct {
	Name       string `json:"name"`
	Quote      string `json:"quote"`
	Collateral string `json:"collateral"`
	Root       string `json:"root"`
	Time       int64  `json:"time"`
}

type answer struct {
	Name  string `json:"name"`
	Error string `json:"error,omitempty"`
}

// collateral stands for Intel's service: an item under each URL.
type collateral map[string]string

func (c collateral) Get(address string) (map[string][]string, []byte, error) {
	chain := func(header, item string) map[string][]string {
		return map[string][]string{header: {url.QueryEscape(c[item])}}
	}
	signed := func(member, item string) []byte {
		return []byte(fmt.Sprintf(`{"%s":%s,"signature":"%s"}`, member, c[item], c[item+"_signature"]))
	}
	switch {
	case strings.Contains(address, "/tcb?"):
		return chain("Tcb-Info-Issuer-Chain", "tcb_info_issuer_chain"), signed("tcbInfo", "tcb_info"), nil
	case strings.Contains(address, "/qe/identity"):
		return chain("Sgx-Enclave-Identity-Issuer-Chain", "qe_identity_issuer_chain"),
			signed("enclaveIdentity", "qe_identity"), nil
	case strings.Contains(address, "/pckcrl?"):
		body, err := hex.DecodeString(c["pck_crl"])
		return chain("Sgx-Pck-Crl-Issuer-Chain", "pck_crl_issuer_chain"), body, err
	default:
		body, err := hex.DecodeString(c["root_ca_crl"])
		return nil, body, err
	}
}

func judge(c testCase) error {
	quote, err := os.ReadFile(c.Quote)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(c.Collateral)
	if err != nil {
		return err
	}
	items := collateral{}
	if err := json.Unmarshal(text, &items); err != nil {
		return err
	}
	options := &verify.Options{
		CheckRevocations: true, GetCollateral: true, Getter: items, Now: time.Unix(c.Time, 0).UTC(),
	}
	if c.Root != "" {
		der, err := os.ReadFile(c.Root)
		if err != nil {
			return err
		}
		root, err := x509.ParseCertificate(der)
		if err != nil {
			return err
		}
		options.TrustedRoots = x509.NewCertPool()
		options.TrustedRoots.AddCert(root)
	}
	return verify.RawTdxQuote(quote, options)
}

func judgeLine(line []byte) (a answer) {
	var c testCase
	if err := json.Unmarshal(line, &c); err != nil {
		a.Error = err.Error()
		return a
	}
	a.Name = c.Name
	defer func() {
		if p := recover(); p != nil {
			a.Error = fmt.Sprint("panic: ", p)
		}
	}()
	if err := judge(c); err != nil {
		a.Error = strings.Join(strings.Fields(err.Error()), " ")
	}
	return a
}

// The library logs to standard output, so the answers go to the file named first.
func main() {
	file, err := os.Create(os.Args[1])
	if err != nil {
		panic(err)
	}
	defer file.Close()
	out := json.NewEncoder(file)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<16), 1<<20)
	for lines.Scan() {
		if err := out.Encode(judgeLine(lines.Bytes())); err != nil {
			panic(err)
		}
	}
}
