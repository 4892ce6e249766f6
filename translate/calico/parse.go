package calico

import (
	"fmt"
	"slices"
)

// maxNesting bounds the parentheses of a selector, so that a hostile one cannot exhaust the stack.
const maxNesting = 500

// parse reads a selector with the grammar of libcalico-go (libcalico-go/lib/selector/parser/parser.go): "||" binds
// weaker than "&&", "!" takes the single operand that follows it, and a blank selector is all().
func parse(text string) (*expression, error) {
	tokens, err := tokenize(text)
	if err != nil {
		return nil, err
	}
	if tokens[0].kind == tokenEnd {
		return &expression{op: opAll}, nil
	}
	p := parser{tokens: tokens}
	x, err := p.or()
	if err != nil {
		return nil, err
	}
	if t := p.next(); t.kind != tokenEnd {
		return nil, fmt.Errorf("unexpected %s at offset %d", t, t.offset)
	}
	return x, nil
}

type parser struct {
	tokens []token
	at     int
	depth  int
}

// peek is the token to come, next takes it. The end token stays.
func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tokenEnd {
		p.at++
	}
	return t
}

func (p *parser) accept(k tokenKind) bool {
	if p.peek().kind != k {
		return false
	}
	p.next()
	return true
}

func (p *parser) or() (*expression, error) { return p.joined(opOr, tokenOr, p.and) }

func (p *parser) and() (*expression, error) { return p.joined(opAnd, tokenAnd, p.operation) }

func (p *parser) joined(op operator, between tokenKind, operand func() (*expression, error)) (*expression, error) {
	x, err := operand()
	if err != nil {
		return nil, err
	}
	operands := []*expression{x}
	for p.accept(between) {
		if x, err = operand(); err != nil {
			return nil, err
		}
		operands = append(operands, x)
	}
	if len(operands) == 1 {
		return operands[0], nil
	}
	return &expression{op: op, operands: operands}, nil
}

func (p *parser) operation() (*expression, error) {
	negated := false
	for p.accept(tokenNot) {
		negated = !negated
	}
	x, err := p.primary()
	if err == nil && negated {
		x = &expression{op: opNot, operands: []*expression{x}}
	}
	return x, err
}

func (p *parser) primary() (*expression, error) {
	t := p.next()
	switch t.kind {
	case tokenAll:
		return &expression{op: opAll}, nil
	case tokenGlobal:
		return &expression{op: opGlobal}, nil
	case tokenHas:
		return &expression{op: opHas, label: t.text}, nil
	case tokenLabel:
		return p.comparison(t)
	case tokenOpen:
		if p.depth++; p.depth > maxNesting {
			return nil, fmt.Errorf("more than %d parentheses inside each other at offset %d", maxNesting, t.offset)
		}
		x, err := p.or()
		p.depth--
		if err == nil && !p.accept(tokenClose) {
			err = fmt.Errorf("expected ) at offset %d, found %s", p.peek().offset, p.peek())
		}
		return x, err
	}
	return nil, fmt.Errorf("unexpected %s at offset %d", t, t.offset)
}

var comparisons = map[tokenKind]operator{
	tokenEqual: opEqual, tokenNotEqual: opNotEqual, tokenContains: opContains, tokenStartsWith: opStartsWith,
	tokenEndsWith: opEndsWith, tokenIn: opIn, tokenNotIn: opNotIn,
}

func (p *parser) comparison(label token) (*expression, error) {
	t := p.next()
	op, ok := comparisons[t.kind]
	if !ok {
		return nil, fmt.Errorf("expected an operator after label %s at offset %d, found %s", label.text, t.offset, t)
	}
	x := &expression{op: op, label: label.text}
	if op == opIn || op == opNotIn {
		values, err := p.set()
		x.values = values
		return x, err
	}
	v := p.next()
	if v.kind != tokenString {
		return nil, fmt.Errorf("expected a quoted value at offset %d, found %s", v.offset, v)
	}
	x.values = []string{v.text}
	return x, nil
}

// set reads { 'a', 'b' }. It may be empty, and a comma may follow the last value.
func (p *parser) set() ([]string, error) {
	if t := p.peek(); !p.accept(tokenOpenSet) {
		return nil, fmt.Errorf("expected { at offset %d, found %s", t.offset, t)
	}
	var values []string
	for p.peek().kind == tokenString {
		values = append(values, p.next().text)
		if !p.accept(tokenComma) {
			break
		}
	}
	if t := p.peek(); !p.accept(tokenCloseSet) {
		return nil, fmt.Errorf("expected } at offset %d, found %s", t.offset, t)
	}
	slices.Sort(values)
	return slices.Compact(values), nil
}
